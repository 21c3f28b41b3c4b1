import { expect, test } from 'vitest';
import { Memory } from './memory.ts';

const text = 'def add(a, b):\n    \nprint(add(1, 2))\n';
const at = text.indexOf('\nprint');

function remembering(suggested = 'return a + b') {
  const memory = new Memory();
  memory.keep('f', text, at, suggested);
  return memory;
}

/** The text once something was typed at the place. */
const typed = (words: string) => text.slice(0, at) + words + text.slice(at);

test('typing along with a suggestion gives its rest', () => {
  const memory = remembering();
  expect(memory.find('f', text, at)).toBe('return a + b');
  expect(memory.find('f', typed('ret'), at + 3)).toBe('urn a + b');
});

test('typing something else, or all of it, gives nothing', () => {
  const memory = remembering();
  expect(memory.find('f', typed('rex'), at + 3)).toBeUndefined();
  expect(memory.find('f', typed('return a + b'), at + 12)).toBeUndefined();
});

test('another file, and a place whose surroundings changed, know nothing', () => {
  const memory = remembering();
  expect(memory.find('g', text, at)).toBeUndefined();
  expect(memory.find('f', text.replace('add(a', 'sub(a'), at)).toBeUndefined();
  expect(memory.find('f', text.replace('(1, 2)', '(3, 4)'), at)).toBeUndefined();
});

test('that nothing is to be suggested is remembered too', () => {
  expect(remembering('').find('f', text, at)).toBe('');
});
