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

const bundle = {
  bundle: true,
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
};

await build({
  ...bundle,
  entryPoints: [at('src/extension.ts').pathname],
  outfile: at('dist/extension.js').pathname,
  external: ['vscode'],
  format: 'cjs',
  platform: 'node',
  // The Node.js of the editor's server.
  target: 'node24',
});

// What runs in the chat's own frame, in any browser that VS Code runs in.
await build({
  ...bundle,
  entryPoints: [at('src/chat/view/main.ts').pathname],
  outfile: at('dist/view/chat.js').pathname,
  format: 'iife',
  target: 'es2022',
});
await build({
  ...bundle,
  entryPoints: [at('page/keyboard.js').pathname],
  outfile: at('dist/page/keyboard.js').pathname,
  format: 'iife',
  target: 'es2022',
});
cpSync(at('src/chat/view/chat.css'), at('dist/view/chat.css'));
cpSync(at('src/chat/view/icon.svg'), at('dist/view/icon.svg'));

const {
  scripts,
  devDependencies,
  type,
  private: unpublished,
  ...manifest
} = JSON.parse(readFileSync(at('package.json'), 'utf8'));
// One version for all of the platform.
manifest.version = readFileSync(at('../pkg/version/VERSION'), 'utf8').trim();
writeJSON('dist/package.json', manifest);
cpSync(at('README.md'), at('dist/README.md'));
cpSync(at('../LICENSE'), at('dist/LICENSE'));
