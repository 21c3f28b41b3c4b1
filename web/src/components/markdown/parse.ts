import { Marked, type MarkedToken, type TokensList } from "marked";
import { type Formula, formulas } from "./math";

/** What Markdown is made of here: what the parser knows, and formulas. */
export type Token = MarkedToken | (Formula & { type: "formula" });

const parser = new Marked({ gfm: true, extensions: formulas });

let close: ((text: string) => string) | undefined;

/** Fetches what closes half-finished syntax: only a text that is being written needs it. */
export async function loadRepair(): Promise<void> {
  const { default: remend } = await import("remend");
  close = (text) => remend(text, { linkMode: "text-only" });
}

/** The blocks of a text; of one that is still being written, half-finished syntax is closed. */
export function parse(text: string, streaming = false): Token[] {
  const whole = streaming && close ? close(text) : text;
  const blocks: TokensList = parser.lexer(whole);
  return (blocks as Token[]).filter((block) => block.type !== "space");
}

/** Whether a block of code has not been closed yet. */
export function isOpenFence(block: Token): boolean {
  const fence = block.type === "code" && /^ {0,3}(`{3,}|~{3,})/.exec(block.raw)?.[1];
  return Boolean(fence) && !block.raw.trimEnd().slice(3).endsWith(`\n${fence}`);
}

const entity = /&(?:#\d+|#x[\da-f]+|\w+);/i;
let decoder: HTMLTextAreaElement | undefined;

/** The text that HTML's names of characters stand for: the parser leaves them as they are. */
export function decode(text: string): string {
  if (!entity.test(text)) return text;
  // Within a textarea everything is text.
  decoder ??= document.createElement("textarea");
  decoder.innerHTML = text.replaceAll("<", "&lt;");
  return decoder.value;
}

/** The address, unless it leads to something else than a page or a mailbox. */
export function safeAddress(href: string): string | undefined {
  return /^(https?:\/\/|mailto:)/i.test(href) ? href : undefined;
}
