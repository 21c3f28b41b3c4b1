// Installs what build.mjs made into a VS Code: the extension as a built-in one, so
// that every workspace has it, and page/ in the editor's own page.
//
//   node build/install.mjs <folder of deploy/vscode/install.sh>
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withScript } from './page.mjs';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: install.mjs <folder of VS Code>');
const vscode = join(folder, 'current/code-server/node_modules/code-server/lib/vscode');
const from = (path) => new URL(`../${path}`, import.meta.url);

const extension = join(vscode, 'extensions/atrium');
rmSync(extension, { recursive: true, force: true });
cpSync(from('dist'), extension, { recursive: true, dereference: true });

// A file of its own in place of the old one: workspaces that run may be reading it.
const page = join(vscode, 'out/vs/code/browser/workbench/workbench.html');
writeFileSync(
  `${page}.new`,
  withScript(readFileSync(page, 'utf8'), readFileSync(from('dist/page/keyboard.js'), 'utf8')),
);
renameSync(`${page}.new`, page);
