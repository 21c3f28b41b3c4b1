/** The line, from 1, where a file has the code, or at least where that begins; 1 if nowhere. */
export function lineOf(file: string, code: string): number {
  const at = file.indexOf(code.trimEnd());
  if (at >= 0) return file.slice(0, at).split("\n").length;
  const begins = code.split("\n").find((line) => /\w/.test(line));
  if (begins === undefined) return 1;
  const found = file.split("\n").findIndex((line) => line.trim() === begins.trim());
  return found < 0 ? 1 : found + 1;
}

/** The first line, from 1, in which a text that replaces another differs from it. */
export function firstChange(before: string, after: string): number {
  const old = before.split("\n");
  const found = after.split("\n").findIndex((line, at) => line !== old[at]);
  return found < 0 ? 1 : found + 1;
}
