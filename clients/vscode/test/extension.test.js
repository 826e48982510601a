// The extension starts the right program, and that program serves what the extension shows.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const test = require("node:test");
const { pathToFileURL } = require("node:url");

const { commandOf } = require("../src/command");
const { Server } = require("./lib/server");

const ROOT = path.resolve(__dirname, "..", "..", "..");
const COMMAND = process.env.DEALGATE_COMMAND || commandOf("", [ROOT]);

test("the workspace's own dealgate is preferred, and a setting to that", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "dealgate-"));
  assert.strictEqual(commandOf("", [folder]), "dealgate");
  const own = path.join(folder, ".venv", "bin", "dealgate");
  fs.mkdirSync(path.dirname(own), { recursive: true });
  fs.writeFileSync(own, "");
  assert.strictEqual(commandOf("", ["/nowhere", folder]), own);
  assert.strictEqual(commandOf("/set", [folder]), "/set");
});

// What VS Code and its client library are asked for, written down.
function stubbed() {
  const made = { clients: [], commands: {}, errors: [] };
  const vscode = {
    commands: { registerCommand: (name, run) => (made.commands[name] = run) },
    window: { showErrorMessage: (text) => made.errors.push(text) },
    workspace: {
      workspaceFolders: [{ uri: { fsPath: ROOT } }],
      getConfiguration: () => ({ get: () => "/set/dealgate" }),
      onDidChangeConfiguration: () => ({}),
      createFileSystemWatcher: (pattern) => ({ pattern }),
    },
  };
  class LanguageClient {
    constructor(id, name, server, options) {
      Object.assign(this, { id, name, server, options, state: "made" });
      made.clients.push(this);
    }
    async start() {
      if (made.broken) {
        throw new Error("ENOENT");
      }
      this.state = "started";
    }
    async stop() {
      this.state = "stopped";
    }
  }
  const load = Module._load;
  Module._load = (name, ...rest) =>
    ({ vscode, "vscode-languageclient/node": { LanguageClient } })[name] || load(name, ...rest);
  delete require.cache[require.resolve("../src/extension")];
  const extension = require("../src/extension");
  Module._load = load;
  return { made, extension };
}

test("it starts, restarts and stops one server", async () => {
  const { made, extension } = stubbed();
  await extension.activate({ subscriptions: [] });
  assert.deepStrictEqual(made.clients[0].server, {
    command: "/set/dealgate",
    args: ["lsp"],
    options: { cwd: ROOT },
  });
  await made.commands["dealgate.restart"]();
  await extension.deactivate();
  assert.deepStrictEqual(made.clients.map((client) => client.state), ["stopped", "stopped"]);
});

test("a program that does not start is named, with the cure", async () => {
  const { made, extension } = stubbed();
  made.broken = true;
  await extension.activate({ subscriptions: [] });
  assert.match(made.errors[0], /'\/set\/dealgate lsp' does not start: ENOENT.*pip install/);
});

test("the real server tells faults, offers cures and runs a case", async () => {
  const rules = fs.mkdtempSync(path.join(os.tmpdir(), "dealgate-rules-"));
  fs.cpSync(path.join(ROOT, "tests", "rules"), rules, { recursive: true });
  const file = path.join(rules, "qualify", "v2.yaml");
  const cases = path.join(rules, "qualify", "v2.cases.yaml");
  const uri = pathToFileURL(file).href;
  const text = fs.readFileSync(file, "utf8").replace("lead.", "leed.");
  const server = new Server(COMMAND);
  const { capabilities } = await server.ask("initialize", {
    processId: null,
    rootUri: pathToFileURL(rules).href,
    capabilities: {},
  });
  assert.ok(capabilities.renameProvider && capabilities.documentFormattingProvider);
  server.tell("initialized", {});
  server.tell("textDocument/didOpen", {
    textDocument: { uri, languageId: "yaml", version: 1, text },
  });
  const { diagnostics } = await server.heard(
    "textDocument/publishDiagnostics",
    (told) => told.uri === uri && told.diagnostics.some((each) => /leed/.test(each.message)),
  );
  const fault = diagnostics.find((each) => /leed/.test(each.message));
  const context = { diagnostics: [fault] };
  const range = fault.range;
  const [cure] = await server.ask("textDocument/codeAction", { textDocument: { uri }, range, context });
  assert.strictEqual(cure.title, "Write lead");
  const opened = { uri: pathToFileURL(cases).href };
  server.tell("textDocument/didOpen", {
    textDocument: { ...opened, languageId: "yaml", version: 1, text: fs.readFileSync(cases, "utf8") },
  });
  const [lens] = await server.ask("textDocument/codeLens", { textDocument: opened });
  const { command, arguments: given } = lens.command;
  assert.match(await server.ask("workspace/executeCommand", { command, arguments: given }), /1 passed, 0 failed/);
  assert.strictEqual(await server.leave(), 0);
  fs.rmSync(rules, { recursive: true });
});
