import { expect, test } from 'vitest';
import { settingsOf } from './choices.ts';

test('choices are settings of VS Code, and what was not chosen is none', () => {
  expect(settingsOf({})).toEqual([]);
  expect(settingsOf({ fontSize: 15, minimap: false, tabSize: null, wordWrap: true })).toEqual([
    ['editor.fontSize', 15],
    ['editor.minimap.enabled', false],
    ['editor.wordWrap', 'on'],
  ]);
});

test('a theme of its own no longer follows the page', () => {
  expect(settingsOf({ theme: 'page' })).toEqual([['window.autoDetectColorScheme', true]]);
  expect(settingsOf({ theme: 'dark' })).toEqual([
    ['window.autoDetectColorScheme', false],
    ['workbench.colorTheme', 'Atrium Dark'],
  ]);
});
