import type { HighlightResult } from "@streamdown/code";
import { memo, useEffect, useState } from "react";
import { plainTokens, requestHighlight } from "./highlight";

type Props = { code: string; language: string; incomplete: boolean };

/** Code in colour; plain until the colours have arrived, and when there are none. */
export const HighlightedCode = memo(function HighlightedCode(props: Props) {
  const { code, language, incomplete } = props;
  const [lines, setLines] = useState<HighlightResult["tokens"]>(() => plainTokens(code));
  useEffect(() => {
    let current = true;
    const show = (result: HighlightResult) => current && setLines(result.tokens);
    setLines((shown) => keepColoured(shown, code));
    if (language) void requestHighlight({ code, language, incomplete }, show);
    return () => {
      current = false;
    };
  }, [code, language, incomplete]);

  return (
    <code>
      {lines.map((line, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their number.
        <span key={row}>
          {line.map((token, column) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: likewise for tokens.
              key={column}
              className="code-token"
              style={token.htmlStyle ?? { color: token.color }}
            >
              {token.content}
            </span>
          ))}
          {row < lines.length - 1 && "\n"}
        </span>
      ))}
    </code>
  );
});

/** While code streams in, the lines already in colour stay so: no flicker. */
function keepColoured(shown: HighlightResult["tokens"], code: string) {
  const next = plainTokens(code);
  return next.map((line, row) => {
    const before = shown[row];
    const text = before?.map((token) => token.content).join("");
    return before && text === line[0]?.content ? before : line;
  });
}
