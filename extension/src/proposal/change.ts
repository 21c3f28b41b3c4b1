/** A replacement of the characters from start to end, in UTF-16 units. */
export type Change = { start: number; end: number; text: string };

/** The smallest single replacement that makes one text of another. */
export function changeBetween(before: string, after: string): Change {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let same = 0;
  while (
    same < most - start &&
    before[before.length - 1 - same] === after[after.length - 1 - same]
  ) {
    same++;
  }
  // Neither end may fall between the two halves of a character.
  if (start > 0 && isHigh(before, start - 1)) start--;
  if (same > 0 && isLow(before, before.length - same)) same--;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

/**
 * A text with a piece of code replaced: where it stood, or where it stands now
 * if that can be only one place. Undefined when it is not there any more.
 */
export function replaced(
  text: string,
  offset: number,
  code: string,
  by: string,
): string | undefined {
  let at = offset;
  if (!text.startsWith(code, at)) {
    at = text.indexOf(code);
    if (at < 0 || text.indexOf(code, at + 1) >= 0) return undefined;
  }
  return text.slice(0, at) + by + text.slice(at + code.length);
}

const isHigh = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xd800;
const isLow = (text: string, at: number) => (text.charCodeAt(at) & 0xfc00) === 0xdc00;
