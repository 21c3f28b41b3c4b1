import { memo, useEffect, useMemo } from "react";
import { Block } from "./Block";
import { loadRepair, parse, type Token } from "./parse";

type Props = { text: string; streaming?: boolean };

/**
 * Markdown as it is written. It becomes elements, never HTML, so that nothing
 * in it can be more than text, whatever a model has been made to write.
 */
export const Markdown = memo(function Markdown({ text, streaming }: Props) {
  useEffect(() => {
    if (streaming) void loadRepair().catch(() => undefined);
  }, [streaming]);
  const blocks = useMemo(() => parse(text, streaming), [text, streaming]);
  return (
    <div className="prose">
      {blocks.map((block, index) => (
        <Part
          // biome-ignore lint/suspicious/noArrayIndexKey: a text grows at its end.
          key={index}
          token={block}
          streaming={streaming && index === blocks.length - 1}
        />
      ))}
    </div>
  );
});

/** One block. While the text grows, only its last one is drawn anew. */
const Part = memo(
  function Part({ token, streaming }: { token: Token; streaming?: boolean }) {
    return (
      <div dir="auto">
        <Block token={token} streaming={streaming} />
      </div>
    );
  },
  (a, b) =>
    a.token.raw === b.token.raw && a.token.type === b.token.type && a.streaming === b.streaming,
);
