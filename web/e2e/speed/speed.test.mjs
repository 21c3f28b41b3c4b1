// How quick the editor is with the extension: figures, and that they are in bounds.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openFile } from "../editor/code.mjs";
import { question, questions, willAnswer } from "../editor/fake.mjs";
import { openWorkspace } from "../editor/open.mjs";
import { frameOf, ghostShown, median, typingLatency } from "../editor/timing.mjs";
import { openEditor } from "../editor.mjs";

const name = "quick";
const patience = { timeout: 300_000 };
let work;
let page;
let editor;

before(
  async () => {
    work = await openWorkspace(name);
    ({ page, editor } = work);
  },
  { timeout: 300_000 },
);
after(() => work?.browser.close());

const text = "the quick brown fox jumps over the lazy dog and runs on ";
const inMs = (times) => `median ${median(times).toFixed(1)} ms of ${times.length}`;

test("a suggestion is shown 50 ms after the provider's answer", patience, async (t) => {
  await work.put("quick.py", "");
  await openFile(page, editor, "quick.py");
  const waits = [];
  for (let n = 0; n < 20; n++) {
    await page.keyboard.press("Escape");
    const asked = (await questions()).length;
    await willAnswer(`row_${n}_${n}`);
    const shown = ghostShown(frameOf(page));
    await page.keyboard.press("Enter");
    const at = await shown;
    const { ended } = await question(asked, (one) => one.done);
    waits.push(at - ended);
  }
  const sorted = waits.toSorted((a, b) => a - b);
  t.diagnostic(`provider's answer to its text in the page: ${inMs(waits)}; ${sorted.join(", ")}`);
  assert.ok(median(waits) <= 50, inMs(waits));
});

/** Latencies of typing a text some times into a new file. */
async function typing(file) {
  await work.put(file, "");
  await openFile(page, editor, file);
  const taken = [];
  for (let n = 0; n < 4; n++) taken.push(await typingLatency(page, text));
  return taken;
}

/** Loads the editor anew with the extension on or off. */
async function reload(enabled) {
  await work.put(".vscode/settings.json", JSON.stringify({ "atrium.enabled": enabled }));
  await page.reload();
  editor = await openEditor(page, name);
  const status = editor.getByRole("button", { name: /^Atrium/ });
  if (enabled) await status.waitFor();
  // As long as it takes for the extension to have come, had it been on.
  await page.waitForTimeout(5_000);
  if (!enabled) assert.equal(await status.count(), 0);
}

test("typing is as quick with the extension as without", patience, async (t) => {
  const on = [];
  const off = [];
  for (let round = 0; round < 2; round++) {
    await reload(false);
    off.push(...(await typing(`off_${round}.py`)));
    await reload(true);
    on.push(...(await typing(`on_${round}.py`)));
  }
  t.diagnostic(`from a key to its letter: ${inMs(on)} with the extension, ${inMs(off)} without`);
  // A frame, at most: nobody sees less.
  assert.ok(median(on) - median(off) <= 16.7, `${inMs(on)} with, ${inMs(off)} without`);
});
