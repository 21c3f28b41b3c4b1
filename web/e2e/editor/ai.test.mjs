// AI inside VS Code, in one workspace from beginning to end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, newPage } from "../browser.mjs";
import { fileInExplorer, openEditor, runInTerminal } from "../editor.mjs";
import * as steps from "../steps.mjs";
import { questions, willAnswer } from "./fake.mjs";

const name = "assisted";
let browser;
let page;
let editor;

before(
  async () => {
    browser = await launch();
    page = await newPage(browser);
    await steps.register(page);
    await steps.createWorkspace(page, name);
    editor = await openEditor(page, name);
    await runInTerminal(page, editor, "printf 'def add(a, b):\\n' > sums.py");
    await fileInExplorer(editor, "sums.py").waitFor({ timeout: 60_000 });
  },
  { timeout: 300_000 },
);

after(() => browser?.close());

test("text is suggested at the cursor and taken with Tab", { timeout: 120_000 }, async () => {
  await fileInExplorer(editor, "sums.py").dblclick();
  const code = editor.locator(".monaco-editor .view-lines").first();
  await code.getByText("def").waitFor();
  await code.click();
  await page.keyboard.press("Control+End");
  await willAnswer("return a + b");
  await page.keyboard.type("    ");
  const ghost = editor.locator(".ghost-text-decoration, .ghost-text").first();
  await ghost.waitFor();
  await page.keyboard.press("Tab");
  await code.getByText("return a + b").waitFor();
  assert.equal((await questions()).length, 1);
});
