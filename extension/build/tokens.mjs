// Reads the web front end's colour tokens, so that page and editor share one palette.
import { readFileSync } from 'node:fs';
import { formatHex, formatHex8, parse } from 'culori';

const source = new URL('../../web/src/theme/tokens.css', import.meta.url);

/**
 * The tokens of both modes, as #rrggbb or #rrggbbaa by name without the dashes.
 * @returns {{light: Record<string, string>, dark: Record<string, string>}}
 */
export function readTokens(css = readFileSync(source, 'utf8')) {
  const light = colours(block(css, css.indexOf(':root')));
  const dark = colours(block(css, css.indexOf(':root[data-theme="dark"]')));
  return { light, dark: { ...light, ...dark } };
}

/** Converts any CSS colour to the form that VS Code takes. */
export function hex(colour) {
  const parsed = parse(colour);
  if (!parsed) throw new Error(`not a colour: ${colour}`);
  return (parsed.alpha ?? 1) < 1 ? formatHex8(parsed) : formatHex(parsed);
}

function block(css, start) {
  if (start < 0) throw new Error('web/src/theme/tokens.css has no such block');
  const open = css.indexOf('{', start);
  return css.slice(open + 1, css.indexOf('}', open));
}

function colours(text) {
  const found = {};
  for (const [, name, value] of text.matchAll(/--([a-z-]+):\s*(oklch\([^)]*\))/g))
    found[name] = hex(value);
  return found;
}
