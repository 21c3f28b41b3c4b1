import { expect, test } from 'vitest';
import { rendered } from './markdown.ts';

test('markup in an answer is text, and pictures and scripts are none', () => {
  const html = rendered(
    '<img src=x onerror=alert(1)> ![x](https://example.org/x.png) [a](javascript:alert(1))',
  );
  expect(html).not.toMatch(/<img|href="javascript/);
});

test('code stands in a block of its own, as it is', () => {
  expect(rendered('```python\nx = "<b>"\n```')).toContain(
    '<div class="code"><pre><code class="language-python">x = &quot;&lt;b&gt;&quot;',
  );
});
