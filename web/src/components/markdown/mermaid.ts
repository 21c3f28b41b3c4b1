import { mermaid } from "@streamdown/mermaid";
import type { Theme } from "@/theme/theme";

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
  return svg;
}
