import type { TokenizerAndRendererExtension, Tokens } from "marked";

export type Formula = Tokens.Generic & { text: string; display: boolean };

/** The ways that models write formulas: $$…$$, \[…\] and, within a line, \(…\) and $…$. */
const block = /^ {0,3}(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n+|$)/;
const inline = [
  { pattern: /^\$\$([^$]+?)\$\$/, display: true },
  { pattern: /^\\\[([\s\S]+?)\\\]/, display: true },
  { pattern: /^\\\(([\s\S]+?)\\\)/, display: false },
  // One dollar is mostly a price: a formula touches both of its dollars, and ends as a word does.
  { pattern: /^\$((?![\s$])(?:\\.|[^$\n\\])*?(?<!\s))\$(?![\w$])/, display: false },
];

const blockFormula: TokenizerAndRendererExtension = {
  name: "blockFormula",
  level: "block",
  start: (source) => /(?:^|\n) {0,3}(?:\$\$|\\\[)/.exec(source)?.index,
  tokenizer(source) {
    const match = block.exec(source);
    if (!match) return undefined;
    const text = (match[1] ?? match[2] ?? "").trim();
    return { type: "formula", raw: match[0], text, display: true };
  },
};

const inlineFormula: TokenizerAndRendererExtension = {
  name: "inlineFormula",
  level: "inline",
  start: (source) => /\\[([]|(?<![\w$\\])\$/.exec(source)?.index,
  tokenizer(source) {
    for (const { pattern, display } of inline) {
      const match = pattern.exec(source);
      if (match) return { type: "formula", raw: match[0], text: (match[1] ?? "").trim(), display };
    }
    return undefined;
  },
};

export const formulas = [blockFormula, inlineFormula];
