import { lazy, Suspense } from "react";
import { Image } from "./Image";
import { decode, safeAddress, type Token } from "./parse";

const Formula = lazy(() => import("./Formula").then((module) => ({ default: module.Formula })));

const lineBreak = /^<br\s*\/?>$/i;

/** The words of a block. HTML among them is shown as the text that it is. */
export function Inline({ tokens = [] }: { tokens?: unknown[] }) {
  return (tokens as Token[]).map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: words have no identity but their place.
    <Span key={index} token={token} />
  ));
}

function Span({ token }: { token: Token }) {
  switch (token.type) {
    case "text":
      return "tokens" in token && token.tokens ? (
        <Inline tokens={token.tokens} />
      ) : (
        decode(token.text)
      );
    case "strong":
      return (
        <strong>
          <Inline tokens={token.tokens} />
        </strong>
      );
    case "em":
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      );
    case "del":
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      );
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link": {
      const href = safeAddress(decode(token.href));
      const text = <Inline tokens={token.tokens} />;
      if (!href) return text;
      return (
        <a
          href={href}
          title={token.title ? decode(token.title) : undefined}
          target="_blank"
          rel="noopener noreferrer nofollow"
        >
          {text}
        </a>
      );
    }
    case "image":
      return <Image src={decode(token.href)} alt={decode(token.text)} />;
    case "formula":
      return <MathOf token={token} />;
    case "html":
      return lineBreak.test(token.text) ? <br /> : token.text;
    default:
      return "text" in token ? String(token.text) : token.raw;
  }
}

/** A formula; its source until the renderer is there, and when it can't be drawn. */
export function MathOf({ token }: { token: Extract<Token, { type: "formula" }> }) {
  const { text, display } = token as { text: string; display: boolean };
  return (
    <Suspense fallback={<code>{text}</code>}>
      <Formula source={text} display={display} />
    </Suspense>
  );
}
