import { expect, test } from 'vitest';
import { testPath } from './target.ts';

const nothing = () => false;

test.each([
  ['tests/test_sums.py', 'sums.py', 'tests/test_sums.py'],
  ['', 'pkg/sums.py', 'pkg/test_sums.py'],
  ['', 'src/sums.ts', 'src/sums.test.ts'],
  ['', 'sums.go', 'sums_test.go'],
  ['../../etc/passwd', 'sums.go', 'sums_test.go'],
  ['/etc/cron.d/x', 'sums.go', 'sums_test.go'],
  ['a/../../b', 'sums.go', 'sums_test.go'],
])('tests answered for %j of %j go to %j', (answered, code, expected) => {
  expect(testPath(answered, code, nothing)).toBe(expected);
});

test('a file that is there is left alone', () => {
  const there = new Set(['test_a.py', 'test_a_2.py']);
  expect(testPath('', 'a.py', (path) => there.has(path))).toBe('test_a_3.py');
});
