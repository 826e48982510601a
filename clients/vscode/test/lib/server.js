// A client of a real `dealgate lsp`: JSON-RPC over stdio, with nothing but node.
"use strict";

const { spawn } = require("node:child_process");

class Server {
  constructor(command) {
    this.process = spawn(command, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
    this.waiting = new Map();
    this.told = [];
    this.listeners = [];
    this.number = 0;
    let buffer = Buffer.alloc(0);
    this.process.stdout.on("data", (chunk) => {
      buffer = this.read(Buffer.concat([buffer, chunk]));
    });
  }

  read(buffer) {
    for (;;) {
      const end = buffer.indexOf("\r\n\r\n");
      const size = end < 0 ? NaN : Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end))[1]);
      if (!(buffer.length >= end + 4 + size)) {
        return buffer;
      }
      this.take(JSON.parse(buffer.subarray(end + 4, end + 4 + size).toString()));
      buffer = buffer.subarray(end + 4 + size);
    }
  }

  take(message) {
    if (message.method) {
      this.told.push(message);
      this.listeners.forEach((listener) => listener());
    } else {
      const { resolve, reject } = this.waiting.get(message.id);
      message.error ? reject(new Error(message.error.message)) : resolve(message.result);
    }
  }

  send(message) {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  ask(method, params) {
    const id = ++this.number;
    this.send({ id, method, params });
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  tell(method, params) {
    this.send({ method, params });
  }

  // The first message of that method, sooner or later, which `wanted` takes.
  heard(method, wanted) {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.told.find((each) => each.method === method && wanted(each.params));
        if (found) {
          resolve(found.params);
        }
      };
      this.listeners.push(look);
      look();
    });
  }

  async leave() {
    await this.ask("shutdown", null);
    this.tell("exit", null);
    return new Promise((resolve) => this.process.on("exit", resolve));
  }
}

module.exports = { Server };
