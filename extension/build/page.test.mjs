import assert from 'node:assert/strict';
import { test } from 'vitest';
import { withScript } from './page.mjs';

const page =
  '<html><head><script nonce="{{WORKBENCH_SCRIPT_NONCE}}"></script></head><body></body></html>';

test('a script comes into the page, and replaces an older one', () => {
  const once = withScript(page, 'one()');
  assert.match(once, /<script nonce="{{WORKBENCH_SCRIPT_NONCE}}">one\(\)<\/script>.*<\/head>/);
  assert.equal(withScript(once, 'two()'), withScript(page, 'two()'));
  assert.equal(withScript(once, 'one()'), once);
});

test('a page that is not known is left alone', () => {
  assert.throws(() => withScript('<html><head></head></html>', 'one()'), /another page/);
  assert.throws(() => withScript(page, "'</script>'"), /end early/);
});
