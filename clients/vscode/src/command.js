// Which `dealgate` to run: the one that is set, the workspace's own, or the one on the path.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const OWN = process.platform === "win32" ? [".venv", "Scripts", "dealgate.exe"] : [".venv", "bin", "dealgate"];

/**
 * @param {string} setting what `dealgate.command` says; empty: look for it
 * @param {string[]} folders the folders of the workspace, the first one first
 * @returns {string} the program to run
 */
function commandOf(setting, folders) {
  if (setting) {
    return setting;
  }
  const found = folders.map((folder) => path.join(folder, ...OWN)).find((file) => fs.existsSync(file));
  return found || "dealgate";
}

module.exports = { commandOf };
