/** What stands around an offset of a file: enough to tell that it is the same place. */
type Place = { file: string; offset: number; before: string; after: string };
type Suggestion = Place & { text: string };

const beforeLength = 2000;
const afterLength = 500;
const size = 100;

/**
 * Memory keeps the latest suggestions, so that typing along with one, or going
 * back to a place, asks nobody.
 */
export class Memory {
  private kept: Suggestion[] = [];

  /** Keeps what was suggested at an offset of a file's text; nothing is an answer too. */
  keep(file: string, text: string, offset: number, suggested: string): void {
    this.kept.unshift({ ...placeAt(file, text, offset), text: suggested });
    this.kept.length = Math.min(this.kept.length, size);
  }

  /** The rest of a suggestion that fits here: undefined when none is known. */
  find(file: string, text: string, offset: number): string | undefined {
    for (const one of this.kept) {
      if (one.file !== file || one.offset > offset) continue;
      const typed = text.slice(one.offset, offset);
      if (!one.text.startsWith(typed) || (typed !== '' && typed === one.text)) continue;
      const here = placeAt(file, text.slice(0, one.offset) + text.slice(offset), one.offset);
      if (here.before === one.before && here.after === one.after) {
        return one.text.slice(typed.length);
      }
    }
    return undefined;
  }
}

function placeAt(file: string, text: string, offset: number): Place {
  return {
    file,
    offset,
    before: text.slice(Math.max(0, offset - beforeLength), offset),
    after: text.slice(offset, offset + afterLength),
  };
}
