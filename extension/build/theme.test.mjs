import assert from 'node:assert/strict';
import { wcagContrast } from 'culori';
import { test } from 'vitest';
import { theme } from './theme.mjs';
import { hex, readTokens } from './tokens.mjs';

const colour = /^#[0-9a-f]{6}([0-9a-f]{2})?$/;

for (const [mode, tokens] of Object.entries(readTokens())) {
  const { colors, tokenColors } = theme(mode, tokens);

  test(`every colour of the ${mode} theme is one`, () => {
    for (const [name, value] of Object.entries(colors)) assert.match(String(value), colour, name);
  });

  test(`code in the ${mode} theme can be read`, () => {
    for (const { scope, settings } of tokenColors) {
      if (!settings.foreground) continue;
      const contrast = wcagContrast(settings.foreground, colors['editor.background']);
      assert.ok(contrast >= 4.5, `${scope[0]}: ${contrast.toFixed(2)}`);
    }
  });

  test(`words in the ${mode} theme can be read where they stand`, () => {
    for (const [text, behind] of [
      ['editor.foreground', 'editor.background'],
      ['editorLineNumber.foreground', 'editor.background'],
      ['editorGhostText.foreground', 'editor.background'],
      ['sideBar.foreground', 'sideBar.background'],
      ['statusBar.foreground', 'statusBar.background'],
      ['tab.inactiveForeground', 'tab.inactiveBackground'],
      ['button.foreground', 'button.background'],
      ['list.activeSelectionForeground', 'list.activeSelectionBackground'],
    ]) {
      const contrast = wcagContrast(colors[text], colors[behind]);
      assert.ok(contrast >= 4.5, `${text}: ${contrast.toFixed(2)}`);
    }
  });
}

test('a token that is no colour is refused', () => {
  assert.throws(() => hex('nonsense'), /not a colour/);
});
