/** How much of a file goes along, in UTF-16 units: more is cut away by the platform anyway. */
const before = 24_000;
const after = 8_000;

/** A part of a file around a place, and where the place is in it. */
export type Window = { code: string; cursor: number };

/** Cuts a long text to what stands around an offset, at the ends of lines where it can. */
export function windowAround(text: string, offset: number): Window {
  let start = Math.max(0, offset - before);
  if (start > 0) {
    const line = text.indexOf('\n', start);
    start = line >= 0 && line < offset ? line + 1 : whole(text, start);
  }
  let end = Math.min(text.length, offset + after);
  if (end < text.length) {
    const line = text.lastIndexOf('\n', end);
    end = line > offset ? line : whole(text, end);
  }
  return { code: text.slice(start, end), cursor: offset - start };
}

/** The offset, or the one after it where it would split a character in two. */
function whole(text: string, offset: number): number {
  const unit = text.charCodeAt(offset);
  return unit >= 0xdc00 && unit <= 0xdfff ? offset + 1 : offset;
}
