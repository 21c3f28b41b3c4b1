// The server of a workspace's editor: that of VS Code as code-server builds it, on
// a socket. It stands in for code-server's own program, which takes a second
// process, a sign-in and proxies along that a workspace has no use for.
//
// Run by node -e with its options as JSON (Go: serveOptions).
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const path = require("node:path");
const { createRequire } = require("node:module");

const options = JSON.parse(process.argv[1]);
process.title = "vscode-server"; // or a list of processes would show all of this
// What the server starts, such as extension hosts, does without this script.
process.execArgv.splice(process.execArgv.indexOf("-e"), 2);

// once makes a value when it is first asked for.
const once = (make) => {
  let made;
  return () => (made ??= make());
};
const load = createRequire(path.join(options.codeServer, "package.json"));
const compress = once(() => load("compression")());
const files = once(() =>
  load("serve-static")(options.codeServer, {
    fallthrough: false,
    setHeaders: (response, file) => {
      // It lies below the folder that it is for.
      if (file.endsWith("/serviceWorker.js")) response.setHeader("Service-Worker-Allowed", "/");
    },
  }),
);

// manifest is what a browser needs to install the editor as an app.
const manifest = once(() => {
  const icon = (name, size, purpose) => ({
    src: `./_static/src/browser/media/${name}-${size}.png`,
    type: "image/png",
    sizes: `${size}x${size}`,
    purpose,
  });
  const sizes = [192, 512];
  return JSON.stringify({
    name: options.server["app-name"],
    short_name: options.server["app-name"],
    start_url: ".",
    display: "fullscreen",
    display_override: ["window-controls-overlay"],
    icons: [
      ...sizes.map((size) => icon("pwa-icon", size, "any")),
      ...sizes.map((size) => icon("pwa-icon-maskable", size, "maskable")),
    ],
  });
});

// key is the server's half of what a browser seals the secrets of extensions with.
const key = once(async () => {
  const file = path.join(options.server["user-data-dir"], "serve-web-key-half");
  try {
    return await fs.promises.readFile(file);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const made = require("node:crypto").randomBytes(32);
  await fs.promises.writeFile(file, made, { mode: 0o600 });
  return made;
});

// answer serves what code-server adds to VS Code, and leaves the rest to editor.
function answer(editor, request, response) {
  const [pathname, query] = request.url.split("?", 2);
  const searchParams = new URLSearchParams(query);
  if (pathname === "/healthz") {
    response.setHeader("Content-Type", "application/json");
    response.end('{"status":"alive"}');
    return;
  }
  const named = ["folder", "workspace", "ew"].some((name) => searchParams.get(name)); // ew: a window that was emptied
  if (pathname === "/" && options.folder && !named) {
    searchParams.set("folder", options.folder);
    response.writeHead(302, { Location: `./?${searchParams}`.replaceAll("%2F", "/") });
    response.end();
    return;
  }
  if (pathname === "/manifest.json") {
    response.setHeader("Content-Type", "application/manifest+json");
    response.end(manifest());
    return;
  }
  if (pathname === "/mint-key" && request.method === "POST") {
    key().then(
      (half) => response.end(half),
      (error) => {
        console.error("the key of secrets:", error.message);
        response.writeHead(500).end();
      },
    );
    return;
  }
  compress()(request, response, () => {
    if (!pathname.startsWith("/_static/")) {
      editor.handleRequest(request, response);
      return;
    }
    request.url = request.url.slice("/_static".length);
    files()(request, response, (error) => response.writeHead(error?.statusCode ?? 404).end());
  });
}

// see tells which folders lie in their places.
function see(folders) {
  const seen = {};
  for (const folder of folders) {
    const { dev, ino, ctimeNs } = fs.statSync(folder, { bigint: true });
    seen[folder] = { node: `${dev}:${ino}`, changed: String(ctimeNs) };
  }
  return seen;
}

// remake makes the folders of the files that the server has open below root: it
// made them where the user's are by now.
function remake(root) {
  const found = new Set();
  for (const fd of fs.readdirSync("/proc/self/fd")) {
    try {
      const file = fs.readlinkSync("/proc/self/fd/" + fd);
      if (file.startsWith(root)) found.add(path.dirname(file));
    } catch {
      // it was the listing's own
    }
  }
  for (const folder of found) fs.mkdirSync(folder, { recursive: true });
}

// take makes the editor somebody's, and answers which folders it sees.
function take(claim) {
  for (const pair of claim.env) {
    const split = pair.indexOf("=");
    process.env[pair.slice(0, split)] = pair.slice(split + 1);
  }
  const folders = see(claim.folders);
  process.chdir(claim.dir);
  remake("/vscode/state/logs/");
  return { folders };
}

// awaitClaim waits for the one word that says whose the editor is.
function awaitClaim(socket) {
  const server = net.createServer((connection) => {
    let text = "";
    connection.setEncoding("utf8");
    connection.on("error", () => {});
    connection.on("data", (part) => {
      text += part;
      if (!text.endsWith("\n")) return;
      let reply;
      try {
        const claim = JSON.parse(text);
        server.close();
        reply = take(claim);
      } catch (error) {
        reply = { error: String(error) };
      }
      connection.end(JSON.stringify(reply) + "\n");
    });
  });
  server.listen(socket);
  server.unref();
  // Once before anybody waits for it: what runs for the first time takes longest.
  JSON.stringify(take({ env: [`PWD=${process.cwd()}`], folders: ["/"], dir: process.cwd() }));
}

async function serve() {
  process.env.CODE_SERVER_PARENT_PID = String(process.pid); // or it would serve by itself
  const { loadCodeWithNls } = await import(path.join(options.codeServer, "lib/vscode/out/server-main.js"));
  const { createServer } = await loadCodeWithNls();
  const editor = await createServer(null, {
    _: [],
    ...options.server,
    "accept-server-license-terms": true,
    "without-connection-token": true,
    compatibility: "1.64", // from which on an editor may have no token
  });
  process.once("SIGTERM", () => {
    editor.dispose();
    process.exit(0);
  });
  const server = http.createServer((request, response) => answer(editor, request, response));
  server.on("upgrade", (request, socket) => editor.handleUpgrade(request, socket));
  await fs.promises.rm(options.socket, { force: true });
  server.listen(options.socket, () => fs.chmodSync(options.socket, 0o660));
}

if (options.claim) awaitClaim(options.claim);
serve();
