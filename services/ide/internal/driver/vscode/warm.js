// Loaded into the server of an editor that is started before its user is known
// (node --require). It waits for the one word that says whose it is, tells the
// server's environment, and answers which folders it sees by then.
"use strict";

if (process.env.CODE_SERVER_PARENT_PID) {
  const fs = require("node:fs");
  const net = require("node:net");
  const path = require("node:path");

  const socket = process.env.ATRIUM_CLAIM_SOCKET;
  delete process.env.ATRIUM_CLAIM_SOCKET;
  // What the server starts, such as extension hosts, does without this file.
  const at = process.execArgv.indexOf("--require");
  process.execArgv.splice(at, 2);

  // The server made folders where the user's are by now: those of its logs, and
  // one at home in which it notes that it is in use.
  const folders = () => {
    const found = new Set([path.join(process.env.HOME, ".local/share/code-server")]);
    for (const fd of fs.readdirSync("/proc/self/fd")) {
      try {
        const file = fs.readlinkSync("/proc/self/fd/" + fd);
        if (file.startsWith("/vscode/state/logs/")) found.add(path.dirname(file));
      } catch {
        // it was the listing's own
      }
    }
    for (const folder of found) fs.mkdirSync(folder, { recursive: true });
  };

  const server = net.createServer((connection) => {
    let text = "";
    connection.setEncoding("utf8");
    connection.on("error", () => {});
    connection.on("data", (part) => {
      text += part;
      if (!text.endsWith("\n")) return;
      const answer = {};
      try {
        const claim = JSON.parse(text);
        server.close();
        for (const pair of claim.env) {
          const split = pair.indexOf("=");
          process.env[pair.slice(0, split)] = pair.slice(split + 1);
        }
        answer.folders = {};
        for (const folder of claim.folders) {
          const { dev, ino, ctimeNs } = fs.statSync(folder, { bigint: true });
          answer.folders[folder] = { node: `${dev}:${ino}`, changed: String(ctimeNs) };
        }
        process.chdir(claim.dir);
        folders();
      } catch (error) {
        answer.error = String(error);
      }
      connection.end(JSON.stringify(answer) + "\n");
    });
  });
  server.listen(socket);
  server.unref();
}
