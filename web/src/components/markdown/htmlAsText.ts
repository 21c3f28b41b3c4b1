import type { Nodes, Root } from "hast";
import { visit } from "unist-util-visit";

const lineBreak = /^<br\s*\/?>$/i;

/**
 * Takes the place of rehype-raw: HTML inside an answer is shown as the text it
 * is, never parsed. Only <br> keeps its meaning, since Markdown's tables have
 * no other way to break a line.
 */
export default function htmlAsText() {
  return (tree: Root) => {
    visit(tree, (node, index, parent) => {
      if ((node.type as string) !== "raw" || !parent || index === undefined) return;
      const { value } = node as unknown as { value: string };
      const shown: Nodes = lineBreak.test(value)
        ? { type: "element", tagName: "br", properties: {}, children: [] }
        : { type: "text", value };
      (parent.children as Nodes[])[index] = shown;
    });
  };
}
