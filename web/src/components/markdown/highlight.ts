import type { HighlightResult } from "@streamdown/code";

type Request = { code: string; language: string; incomplete: boolean };

// VS Code's own colours: a block looks here as it will look in the editor.
const themes: ["light-plus", "dark-plus"] = ["light-plus", "dark-plus"];

const highlighter = () => import("@streamdown/code").then((module) => module.code);

/** Calls back once with coloured tokens, or never when the language is unknown. */
export async function requestHighlight(
  { code, language, incomplete }: Request,
  show: (result: HighlightResult) => void,
) {
  try {
    const plugin = await highlighter();
    const known = language.toLowerCase() as Parameters<typeof plugin.supportsLanguage>[0];
    if (!plugin.supportsLanguage(known)) return;
    const options = { code, language: known, themes, isIncomplete: incomplete };
    const ready = plugin.highlight(options, show);
    if (ready) show(ready);
  } catch {
    // Without colours the code is still readable.
  }
}

export function plainTokens(code: string): HighlightResult["tokens"] {
  return code.split("\n").map((content) => [{ content, offset: 0 }]);
}
