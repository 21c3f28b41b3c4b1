import { expect, test } from 'vitest';
import { changeBetween, replaced } from './change.ts';

test.each([
  ['a = 1\nb = 2\n', 'a = 1\nb = 3\n'],
  ['', 'new'],
  ['gone', ''],
  ['aaa', 'aa'],
  ['same', 'same'],
  ['x😀y', 'x😁y'],
  ['one\ntwo\nthree', 'one\nthree'],
])('the change from %j to %j makes one of the other', (before, after) => {
  const { start, end, text } = changeBetween(before, after);
  expect(before.slice(0, start) + text + before.slice(end)).toBe(after);
  expect(text.isWellFormed()).toBe(true);
});

test('a change touches nothing that stays', () => {
  expect(changeBetween('a = 1\nb = 2\n', 'a = 1\nb = 3\n')).toEqual({
    start: 10,
    end: 11,
    text: '3',
  });
});

test('code is replaced where it stands, even when that has moved', () => {
  expect(replaced('a b a', 4, 'a', 'c')).toBe('a b c');
  expect(replaced('# new line\nb = 2', 0, 'b = 2', 'b = 3')).toBe('# new line\nb = 3');
});

test('code that is gone or stands in two places is not replaced', () => {
  expect(replaced('c = 3', 0, 'b = 2', 'x')).toBeUndefined();
  expect(replaced('zz b=2 b=2', 0, 'b=2', 'x')).toBeUndefined();
});
