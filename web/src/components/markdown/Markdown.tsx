import { type ComponentProps, memo } from "react";
import { type Components, defaultRehypePlugins, type ExtraProps, Streamdown } from "streamdown";
import { CodeBlock } from "./CodeBlock";
import { Image } from "./Image";
import { TaskBox } from "./TaskBox";
import { usePlugins } from "./usePlugins";

const components = {
  code: CodeBlock,
  inlineCode: ({ node: _node, ...props }: ComponentProps<"code"> & ExtraProps) => (
    <code {...props} />
  ),
  input: TaskBox,
  img: Image,
  a: ({ node: _node, children, ...props }: ComponentProps<"a"> & ExtraProps) => (
    <a {...props} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  table: ({ node: _node, ...props }: ComponentProps<"table"> & ExtraProps) => (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table has to scroll by keyboard too.
    <div className="overflow-x-auto" tabIndex={0} role="group">
      <table {...props} />
    </div>
  ),
  // Plain elements, so that prose.css alone decides how Markdown looks.
  ...Object.fromEntries(
    "h1 h2 h3 h4 h5 h6 p ul ol li strong blockquote hr thead tbody tr th td sub sup"
      .split(" ")
      .map((tag) => [tag, tag]),
  ),
} as Components;

type Props = { text: string; streaming?: boolean };

/** Markdown as it is written: half-finished syntax is closed until it is whole. */
export const Markdown = memo(function Markdown({ text, streaming }: Props) {
  const plugins = usePlugins(text);
  return (
    <Streamdown
      className="prose"
      // One mode for both, so that nothing moves when the last word has come.
      mode="streaming"
      isAnimating={streaming}
      parseIncompleteMarkdown={streaming}
      dir="auto"
      components={components}
      plugins={plugins}
      rehypePlugins={Object.values(defaultRehypePlugins)}
      controls={false}
      linkSafety={{ enabled: false }}
    >
      {text}
    </Streamdown>
  );
});
