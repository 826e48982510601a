// Starts `dealgate lsp` for the rules of a workspace; all that is shown comes from the server.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");
const { commandOf } = require("./command");

// Files of rules folders, told apart by the server; tables are CSV.
const SELECTOR = [
  { scheme: "file", language: "yaml" },
  { scheme: "file", pattern: "**/v*.*.csv" },
];

let client;

async function activate(context) {
  context.subscriptions.push(vscode.commands.registerCommand("dealgate.restart", restart));
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("dealgate.command")) {
        return restart();
      }
    }),
  );
  await start();
}

async function start() {
  const folders = (vscode.workspace.workspaceFolders || []).map((folder) => folder.uri.fsPath);
  const setting = vscode.workspace.getConfiguration("dealgate").get("command", "");
  const command = commandOf(setting, folders);
  const files = vscode.workspace.createFileSystemWatcher("**/*.{yaml,csv}");
  client = new LanguageClient(
    "dealgate",
    "Dealgate",
    { command, args: ["lsp"], options: { cwd: folders[0] } },
    { documentSelector: SELECTOR, synchronize: { fileEvents: files } },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(
      `'${command} lsp' does not start: ${error.message}. Install it with pip install 'dealgate[authoring]', or set dealgate.command.`,
    );
  }
}

async function restart() {
  await deactivate();
  await start();
}

async function deactivate() {
  const running = client;
  client = undefined;
  if (running) {
    await running.stop();
  }
}

module.exports = { activate, deactivate };
