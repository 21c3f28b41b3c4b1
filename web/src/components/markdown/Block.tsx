import type { Tokens } from "marked";
import { createElement } from "react";
import { CodeBlock } from "./CodeBlock";
import { Inline, MathOf } from "./Inline";
import { decode, isOpenFence, type Token } from "./parse";
import { TaskBox } from "./TaskBox";

type Props = { token: Token; streaming?: boolean };

/** A paragraph, a list, a table …: what stands for itself in a text. */
export function Block({ token, streaming }: Props) {
  switch (token.type) {
    case "heading":
      return createElement(`h${token.depth}`, null, <Inline tokens={token.tokens} />);
    case "paragraph":
      return (
        <p>
          <Inline tokens={token.tokens} />
        </p>
      );
    case "text":
      return <Inline tokens={[token]} />;
    case "code": {
      const language = decode(token.lang ?? "").split(/\s/)[0] ?? "";
      const open = Boolean(streaming) && isOpenFence(token);
      return <CodeBlock code={token.text} language={language} incomplete={open} />;
    }
    case "blockquote":
      return (
        <blockquote>
          <Blocks tokens={token.tokens} streaming={streaming} />
        </blockquote>
      );
    case "list":
      return <List token={token as Tokens.List} streaming={streaming} />;
    case "table":
      return <Table token={token as Tokens.Table} />;
    case "formula":
      return <MathOf token={token} />;
    case "hr":
      return <hr />;
    case "checkbox":
      return <TaskBox checked={token.checked} />;
    case "space":
      return null;
    case "def":
      // The notes below a text look like the addresses of links.
      return token.tag.startsWith("^") ? <p>{token.raw.trim()}</p> : null;
    case "html":
      return <p className="whitespace-pre-wrap">{token.text.trim()}</p>;
    default:
      return <Inline tokens={[token]} />;
  }
}

function Blocks({ tokens, streaming }: { tokens: unknown[]; streaming?: boolean }) {
  return (tokens as Token[]).map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: blocks have no identity but their place.
    <Block key={index} token={token} streaming={streaming} />
  ));
}

function List({ token: { ordered, start, items }, streaming }: Props & { token: Tokens.List }) {
  const Tag = ordered ? "ol" : "ul";
  return (
    <Tag start={ordered && start !== 1 ? Number(start) : undefined}>
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: likewise.
        <li key={index}>
          <Blocks tokens={item.tokens} streaming={streaming} />
        </li>
      ))}
    </Tag>
  );
}

function Table({ token: { header, rows } }: { token: Tokens.Table }) {
  const look = ({ align }: Tokens.TableCell) => (align ? { textAlign: align } : undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table has to scroll by keyboard too.
    <div className="overflow-x-auto" tabIndex={0} role="group">
      <table>
        <thead>
          <tr>
            {header.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: likewise.
              <th key={column} style={look(cell)}>
                <Inline tokens={cell.tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: likewise.
            <tr key={index}>
              {row.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: likewise.
                <td key={column} style={look(cell)}>
                  <Inline tokens={cell.tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
