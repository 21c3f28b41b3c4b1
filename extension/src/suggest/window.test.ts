import { expect, test } from 'vitest';
import { windowAround } from './window.ts';

test('a short file goes whole', () => {
  expect(windowAround('one\ntwo\n', 4)).toEqual({ code: 'one\ntwo\n', cursor: 4 });
});

test('of a long file go whole lines around the cursor', () => {
  const text = 'line of text\n'.repeat(10_000);
  const offset = 65_000;
  const { code, cursor } = windowAround(text, offset);
  expect(code.length).toBeLessThan(33_000);
  expect(code.startsWith('line of text\n')).toBe(true);
  expect(code.endsWith('line of text')).toBe(true);
  expect(code.slice(0, cursor)).toBe(text.slice(offset - cursor, offset));
});

test('one endless line is cut between characters', () => {
  const { code, cursor } = windowAround('😀'.repeat(40_000), 60_001);
  expect(code.isWellFormed()).toBe(true);
  expect(cursor).toBeGreaterThan(20_000);
});
