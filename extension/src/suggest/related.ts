import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, normalize } from 'node:path';
import { importedPaths } from './imports.ts';

/** A piece of another file, as the platform takes it. */
export type Snippet = { filePath: string; content: string };

/** A text that is open in the editor; its path is absolute. */
export type OpenText = { path: string; text: string };

/** How much of other files goes along: characters of each, of all, and how many. */
const each = 6_000;
const all = 36_000;
const most = 12;
/** Bigger files are data more often than code. */
const biggest = 200_000;

export type Rules = {
  /** Whether a file must not leave the workspace. */
  isSecret(path: string): Promise<boolean>;
  /** How a path is named towards the model. */
  name(path: string): string;
};

/**
 * Gathers pieces of other files, the likeliest first: what the file imports,
 * what else is open, then its neighbours of the same kind. The platform picks
 * from them by what stands around the cursor.
 */
export async function relatedTo(
  path: string,
  text: string,
  open: readonly OpenText[],
  rules: Rules,
): Promise<Snippet[]> {
  const folder = dirname(path);
  const imported = importedPaths(text).map((one) => normalize(join(folder, one)));
  const texts = new Map(open.map((one) => [one.path, one.text]));
  const candidates = [...imported, ...texts.keys(), ...(await neighbours(path))];
  const snippets: Snippet[] = [];
  let left = all;
  for (const candidate of new Set(candidates)) {
    if (snippets.length === most || left <= 0) break;
    if (candidate === path || (await rules.isSecret(candidate))) continue;
    const content = (texts.get(candidate) ?? (await read(candidate)))?.slice(
      0,
      Math.min(each, left),
    );
    if (!content?.trim()) continue;
    left -= content.length;
    snippets.push({ filePath: rules.name(candidate), content });
  }
  return snippets;
}

/** Files beside one, of its kind, those named like it first: its test, its header. */
async function neighbours(path: string): Promise<string[]> {
  const kind = extname(path);
  const stem = basename(path, kind).replace(/[._-]?(test|spec)$/i, '');
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => extname(name) === kind)
    .sort((a, b) => Number(b.includes(stem)) - Number(a.includes(stem)) || a.localeCompare(b))
    .slice(0, most)
    .map((name) => join(dirname(path), name));
}

async function read(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > biggest) return undefined;
    const text = await readFile(path, 'utf8');
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined; // not there, or not to be read
  }
}
