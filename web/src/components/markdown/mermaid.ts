import { mermaid } from "@streamdown/mermaid";
import { nonce } from "@/lib/nonce";
import type { Theme } from "@/theme/theme";

const marked = (svg: string) =>
  nonce ? svg.replaceAll("<style>", `<style nonce="${nonce}">`) : svg;

/**
 * Mermaid's sanitiser parses its drawing, styles included, in a document of its own.
 * They apply to nothing there, but the browser reports each that bears no nonce.
 */
const parse = DOMParser.prototype.parseFromString;
DOMParser.prototype.parseFromString = function (this: DOMParser, text, type) {
  return parse.call(this, marked(String(text)), type); // it may be a TrustedHTML
};

/** Draws a diagram as SVG. Strict: no scripts, no links, labels as text. */
export async function draw(id: string, source: string, theme: Theme): Promise<string> {
  const instance = mermaid.getMermaid({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    theme: theme === "dark" ? "dark" : "neutral",
    fontFamily: '"Source Sans 3 Variable", sans-serif',
  });
  const { svg } = await instance.render(id, source);
  return marked(svg);
}
