import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { isSecretFile } from '../secret/secret.ts';
import { importedPaths } from './imports.ts';
import { relatedTo } from './related.ts';

async function folderWith(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'related-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

test('what is imported comes first, then what is open, then neighbours', async () => {
  const folder = await folderWith({
    'app.ts': '',
    'lib/money.ts': 'export const cents = 100;',
    'app.test.ts': 'test("app")',
    'other.ts': 'other',
    'notes.md': 'no code',
  });
  const snippets = await relatedTo(
    join(folder, 'app.ts'),
    "import { cents } from './lib/money';",
    [{ path: join(folder, 'open.py'), text: 'open = 1' }],
    { isSecret: async () => false, name: (path) => relative(folder, path) },
  );
  expect(snippets).toEqual([
    { filePath: 'lib/money.ts', content: 'export const cents = 100;' },
    { filePath: 'open.py', content: 'open = 1' },
    { filePath: 'app.test.ts', content: 'test("app")' },
    { filePath: 'other.ts', content: 'other' },
  ]);
});

test('nothing of a secret file goes along, open or not', async () => {
  const folder = await folderWith({ 'a.env': '', 'b.env': 'TOKEN=1', 'c.env': 'TOKEN=2' });
  const snippets = await relatedTo(
    join(folder, 'a.env'),
    '',
    [{ path: join(folder, 'c.env'), text: 'TOKEN=2' }],
    { isSecret: (path) => isSecretFile(path, ['*.env']), name: (path) => path },
  );
  expect(snippets).toEqual([]);
});

test('what goes along is bounded', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`f${n}.py`, 'x = 1\n'.repeat(5_000)]),
  );
  const folder = await folderWith(files);
  const snippets = await relatedTo(join(folder, 'f0.py'), '', [], {
    isSecret: async () => false,
    name: (path) => path,
  });
  const total = snippets.reduce((sum, { content }) => sum + content.length, 0);
  expect(total).toBeLessThanOrEqual(36_000);
  expect(snippets.length).toBeGreaterThan(3);
});

test('imports of the usual languages are understood', () => {
  const text = `
import x from './a.js'
const y = require('../b')
import react from 'react'
#include "c.h"
from .d import e
`;
  const paths = importedPaths(text);
  expect(paths).toEqual(expect.arrayContaining(['./a.js', '../b.ts', 'c.h', 'd.py']));
  expect(paths.some((path) => path.startsWith('./react'))).toBe(false);
});
