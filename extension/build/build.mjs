// Writes the extension, ready to be installed, to dist/.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { theme } from './theme.mjs';
import { readTokens } from './tokens.mjs';

const at = (path) => new URL(`../${path}`, import.meta.url);
const writeJSON = (path, value) => writeFileSync(at(path), `${JSON.stringify(value, null, 2)}\n`);

rmSync(at('dist'), { recursive: true, force: true });
mkdirSync(at('dist/themes'), { recursive: true });
for (const [mode, tokens] of Object.entries(readTokens()))
  writeJSON(`dist/themes/${mode}.json`, theme(mode, tokens));

await build({
  entryPoints: [at('src/extension.ts').pathname],
  outfile: at('dist/extension.js').pathname,
  bundle: true,
  external: ['vscode'],
  format: 'cjs',
  platform: 'node',
  // The Node.js of the editor's server.
  target: 'node24',
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
});

const {
  scripts,
  devDependencies,
  type,
  private: unpublished,
  ...manifest
} = JSON.parse(readFileSync(at('package.json'), 'utf8'));
writeJSON('dist/package.json', manifest);
cpSync(at('README.md'), at('dist/README.md'));
cpSync(at('../LICENSE'), at('dist/LICENSE'));
