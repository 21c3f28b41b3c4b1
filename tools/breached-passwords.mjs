// Writes services/auth/internal/account/breached.bin: fingerprints of the
// passwords that breaches show to be used most, from the list that the pages
// already stand on (@zxcvbn-ts/language-common, MIT) and common.txt. Those too
// short to be chosen, even with something put behind them, are left out.
//
//   node tools/breached-passwords.mjs
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const root = new URL("..", import.meta.url);
const require = createRequire(new URL("web/package.json", root));
const { dictionary } = require("@zxcvbn-ts/language-common");
const account = new URL("services/auth/internal/account/", root);

const shortest = 6;
const fingerprint = 5;
const words = new Set(
  [...dictionary["passwords-common"], ...readFileSync(new URL("common.txt", account), "utf8").split("\n")]
    .map((word) => word.toLowerCase())
    .filter((word) => [...word].length >= shortest),
);
const prints = [...words].map((word) => createHash("sha256").update(word).digest().subarray(0, fingerprint));
prints.sort(Buffer.compare);
writeFileSync(new URL("breached.bin", account), Buffer.concat(prints));
console.log(`${prints.length} passwords`);
