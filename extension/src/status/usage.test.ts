import { expect, test } from 'vitest';
import { percentOf, usageFrom, usageInWords } from './usage.ts';

test('figures come as text, and nought may be left out', () => {
  expect(usageFrom({ planTokens: { limit: '200000' } })).toEqual({ used: 0, limit: 200_000 });
  expect(usageFrom({})).toBeUndefined();
});

test.each([
  [{ used: 0, limit: 100 }, 0],
  [{ used: 999, limit: 1000 }, 99],
  [{ used: 1200, limit: 1000 }, 100],
  [{ used: 5, limit: 0 }, 100],
  [{ used: 5, limit: -1 }, undefined],
])('%j is %s percent', (usage, percent) => expect(percentOf(usage)).toBe(percent));

test('figures are said with and without a limit', () => {
  expect(usageInWords({ used: 1234, limit: 200_000 })).toBe(
    '1,234 of 200,000 AI tokens used this month',
  );
  expect(usageInWords({ used: 1234, limit: -1 })).toBe('1,234 AI tokens used this month');
});
