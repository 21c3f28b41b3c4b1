import type { SearchResult } from "@/api/types";

type Props = Pick<SearchResult, "snippet" | "highlights">;

/** A piece of a message with what was looked for marked. */
export function Snippet({ snippet, highlights }: Props) {
  return (
    <>
      {parts(snippet, highlights).map(({ at, text, marked }) =>
        marked ? (
          <mark key={at} className="rounded-sm bg-accent-soft font-[620] text-accent-ink">
            {text}
          </mark>
        ) : (
          <span key={at}>{text}</span>
        ),
      )}
    </>
  );
}

/** Cuts a text where its marks begin and end; marks that overlap or lie outside are let go. */
export function parts(text: string, marks: Props["highlights"]) {
  const cut: { at: number; text: string; marked: boolean }[] = [];
  let at = 0;
  const upTo = (end: number, marked: boolean) => {
    if (end > at) cut.push({ at, text: text.slice(at, end), marked });
    at = Math.max(at, end);
  };
  for (const { start, end } of marks.toSorted((a, b) => a.start - b.start)) {
    if (start < at || end > text.length) continue;
    upTo(start, false);
    upTo(end, true);
  }
  upTo(text.length, false);
  return cut;
}
