import { expect, test } from 'vitest';
import { fenced, longest, questionAbout, questionAboutFiles } from './question.ts';

test('code goes along under its name', () => {
  expect(questionAbout('Why?', 'a.py', 'python', 'x = 1\n')).toBe(
    'Why?\n\n`a.py`:\n\n```python\nx = 1\n```',
  );
});

test('code that has fences of its own does not end the block', () => {
  expect(fenced('````\nx\n````', 'md')).toBe('`````md\n````\nx\n````\n`````');
});

test('a long file is cut, and said to be', () => {
  const text = questionAbout('Why?', 'a.py', 'python', 'x'.repeat(longest * 2));
  expect(text).toContain('The beginning of `a.py`');
  expect(text.length).toBeLessThan(longest + 200);
});

test('the workspace is its files', () => {
  expect(questionAboutFiles('What is this?', ['a.py', 'b/c.py'])).toContain(
    '```text\na.py\nb/c.py\n```',
  );
});
