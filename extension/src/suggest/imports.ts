/**
 * The files that a file's imports may mean, as paths relative to its folder
 * and without saying which exist. Only relative imports: what lies elsewhere
 * is a library that the model knows.
 */
export function importedPaths(text: string): string[] {
  const found = new Set<string>();
  for (const pattern of patterns) {
    for (const match of text.slice(0, 20_000).matchAll(pattern)) {
      const path = match[1];
      if (path) for (const one of variants(path)) found.add(one);
    }
  }
  return [...found];
}

const patterns = [
  /\b(?:from|import|require\()\s*['"](\.{1,2}\/[^'"\n]+)['"]/g, // JavaScript, TypeScript
  /^\s*#include\s+"([^"\n]+)"/gm, // C, C++
  /^\s*from\s+\.(\w+)\s+import\b/gm, // Python, within a package
  /^\s*(?:from|import)\s+([a-z_]\w*)\b/gm, // Python, from the same folder
];

const endings = [
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mjs',
  '.py',
  '/index.ts',
  '/index.js',
  '/__init__.py',
];

function variants(path: string): string[] {
  return /\.\w{1,4}$/.test(path) ? [path] : endings.map((ending) => path + ending);
}
