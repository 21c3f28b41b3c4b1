// The page around VS Code: the chat beside it, files opened from a chat, the theme.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { assertAccessible, assertSound, callAPI } from "../browser.mjs";
import { openEditor, runCommand, runInTerminal } from "../editor.mjs";
import * as steps from "../steps.mjs";
import { chatIn, ghost, openFile } from "./code.mjs";
import { eventually, willAnswer } from "./fake.mjs";
import { metric, openWorkspace, picture, platformAway } from "./open.mjs";
import { frameOf } from "./timing.mjs";

const name = "beside";
const patience = { timeout: 120_000 };
const shortcut = "Control+Shift+l";
let work;
let page;
let editor;

const panelOf = (of) => of.getByRole("region", { name: "Chat", exact: true });
const place = (of, text) =>
  of.locator('[id="status.editor.selection"]').getByText(text, { exact: true }).waitFor();
const tab = (of, file) => of.getByRole("tab", { name: file, selected: true }).waitFor();

/** Has a chat answer with code, and opens the dialog that brings it to a workspace. */
async function fromChat(where, code) {
  await willAnswer(`Take this:\n\n\`\`\`python\n${code}\`\`\`\n`);
  await where.getByRole("textbox", { name: "Message" }).fill("Code, please");
  await where.getByRole("textbox", { name: "Message" }).press("Enter");
  const answer = steps.lastAnswer(where);
  await answer.getByText(code.split("\n")[0]).first().waitFor();
  await where.getByRole("button", { name: "Send" }).waitFor();
  await answer.getByRole("button", { name: "Open in workspace" }).click();
}

const dialogOf = (of) => of.getByRole("dialog", { name: "Open in workspace" });

before(
  async () => {
    // No colours of the test's own: frames are to follow the page.
    work = await openWorkspace(name, { colorScheme: null });
    page = work.page;
    editor = work.editor;
  },
  { timeout: 300_000 },
);
afterEach((context) => picture(page, context));
after(() => work?.browser.close());

test("the shortcut opens the chat from within the editor, and closes it", patience, async () => {
  await work.put("keys.py", "");
  const panel = panelOf(page);
  const message = panel.getByRole("textbox", { name: "Message" });
  const opened = await metric("ide_files_open_total");
  await openFile(page, editor, "keys.py");
  await eventually(
    "the file is counted",
    async () => (await metric("ide_files_open_total")) === opened + 1,
  );
  await page.keyboard.press(shortcut);
  await message.waitFor();
  await page.keyboard.type("hello");
  assert.equal(await message.inputValue(), "hello", "the keyboard is in the chat");
  await page.keyboard.press(shortcut);
  await panel.waitFor({ state: "hidden" });
  await page.keyboard.type("x = 1");
  await work.saved("keys.py", (text) => text === "x = 1");

  await runInTerminal(page, editor, "clear");
  await page.keyboard.press(shortcut);
  await panel.waitFor();
  await page.keyboard.press(shortcut);
  await panel.waitFor({ state: "hidden" });

  await runCommand(page, editor, "Atrium: Ask in Chat", { focused: true });
  await chatIn(editor).getByRole("textbox", { name: "Message" }).click();
  await page.keyboard.press(shortcut);
  await panel.waitFor();
  await page.keyboard.press(shortcut);
  await panel.waitFor({ state: "hidden" });
});

test("a file opens from a terminal of the editor", patience, async () => {
  await work.put("typed.py", "");
  await runInTerminal(page, editor, "code typed.py");
  await tab(editor, "typed.py");
});

test("nobody but the editor's own frame works the chat", patience, async () => {
  await page.evaluate(() => {
    const forged = { type: "atrium.chat" };
    window.postMessage(forged, "*");
    const frame = document.createElement("iframe");
    frame.srcdoc = `<script>parent.postMessage(${JSON.stringify(forged)}, "*")</script>`;
    document.body.append(frame);
    setTimeout(() => frame.remove(), 400);
  });
  // What the editor itself says comes after these.
  await frameOf(page).evaluate(() => window.parent.postMessage({ type: "atrium.other" }, "*"));
  await page.waitForTimeout(500);
  assert.equal(await panelOf(page).count(), 0);
  await frameOf(page).evaluate(() => window.parent.postMessage({ type: "atrium.chat" }, "*"));
  await panelOf(page).waitFor();
});

test("code from the chat beside it opens in this window, at its line", patience, async () => {
  await work.put("long.py", `${"# nothing\n".repeat(30)}def found():\n    return 1\n`);
  await frameOf(page).evaluate(() => {
    window.stillHere = true;
  });
  const panel = panelOf(page);
  await fromChat(panel, "q = 5\n");
  await dialogOf(page).getByLabel("File").fill("from_chat.py");
  await dialogOf(page).getByRole("button", { name: "Write and open" }).click();
  await tab(editor, "from_chat.py");
  await work.saved("from_chat.py", (text) => text === "q = 5\n");

  await fromChat(panel, "def found():\n    return 2\n");
  await dialogOf(page).getByLabel("File").fill("long.py");
  await dialogOf(page).getByRole("button", { name: "Write and open" }).click();
  await dialogOf(page).getByText("This file exists already.").waitFor();
  await assertAccessible(page, "a file that exists already");
  await dialogOf(page).getByRole("button", { name: "Open as it is" }).click();
  await tab(editor, "long.py");
  await place(editor, "Ln 31, Col 1");
  await page.keyboard.type("# here: ");
  await work.saved("long.py", (text) => text.endsWith("# here: def found():\n    return 1\n"));
  assert.equal(
    await frameOf(page).evaluate(() => window.stillHere),
    true,
    "it was not loaded anew",
  );

  const { body } = await callAPI(page, "GET", "/api/chat/conversations");
  assert.equal(body.conversations[0].workspaceId, work.id, "VS Code's own chat has it too");
});

async function choose(theme) {
  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitemradio", { name: theme }).click();
  await page.keyboard.press("Escape");
}

test("VS Code follows the light and dark of the page, at once", patience, async () => {
  const workbench = (classes) => editor.locator(`.monaco-workbench${classes}`);
  await choose("Dark");
  await workbench(".vs-dark").waitFor({ timeout: 10_000 });
  await choose("Light");
  await workbench(".vs:not(.vs-dark)").waitFor({ timeout: 10_000 });
  await choose("Dark");
  await workbench(".vs-dark").waitFor({ timeout: 10_000 });
});

test("the chat beside the editor can be used on a phone, in the dark", patience, async () => {
  await page.setViewportSize({ width: 375, height: 740 });
  await assertSound(page, "the chat beside the editor, narrow and dark");
  await steps.lastAnswer(panelOf(page)).getByText("def found()").first().waitFor();
  await picture(page, { name: "panel-375-dark" });
  await page.keyboard.press(shortcut);
  await panelOf(page).waitFor({ state: "hidden" });
  await page.setViewportSize({ width: 1280, height: 800 });
  await choose("Light");
  await assertSound(page, "the editor's page");
});

test("from another tab, a file opens in the window that is open already", patience, async () => {
  await frameOf(page).evaluate(() => {
    window.stillHere = true;
  });
  const other = await page.context().newPage();
  await other.goto("/chat");
  await fromChat(other, "elsewhere = 1\n");
  await dialogOf(other).getByLabel("File").fill("elsewhere.py");
  await dialogOf(other).getByRole("button", { name: "Write and open" }).click();
  const toast = other.getByText("elsewhere.py is shown in beside");
  await toast.waitFor();
  await tab(editor, "elsewhere.py");
  assert.equal(await frameOf(page).evaluate(() => window.stillHere), true);

  await other.getByRole("button", { name: "Open here" }).click();
  const second = await openEditor(other, name);
  await tab(second, "elsewhere.py");
  await other.waitForURL(/\/ide\/workspace\/[0-9a-f-]{36}$/);
  await other.close();
});

test("what is chosen in the settings is so in VS Code", patience, async () => {
  await work.put("size.py", "size = 17\n");
  const settings = await page.context().newPage();
  await settings.goto("/settings");
  await settings.getByLabel("Font size (pixels)").fill("17");
  const kept = settings.waitForResponse(
    (answer) =>
      answer.url().endsWith("/api/ide/editor-settings") && answer.request().method() === "PUT",
  );
  await settings.locator("#editor").getByRole("button", { name: "Save" }).click();
  assert.equal((await kept).status(), 200);
  await settings.close();

  await page.reload();
  await openEditor(page, name);
  const code = await openFile(page, editor, "size.py");
  const line = code.getByText("size = 17").first();
  const size = () => line.evaluate((element) => getComputedStyle(element).fontSize);
  await eventually("the text is as large as chosen", async () => (await size()) === "17px");
});

test("while the platform is away typing goes on, and all else after", patience, async () => {
  await work.put("away.py", "");
  const code = await openFile(page, editor, "away.py");
  const back = await platformAway();
  try {
    await page.keyboard.type("x = 1", { delay: 100 });
    await code.getByText("x = 1").waitFor({ timeout: 3_000 });
    await page.keyboard.type("\ny = 2", { delay: 100 });
    await code.getByText("y = 2").waitFor({ timeout: 3_000 });
  } finally {
    await back();
  }
  await work.saved("away.py", (text) => text === "x = 1\ny = 2");
  await willAnswer("z = 3");
  await page.keyboard.press("Enter");
  await ghost(editor).waitFor();
  await editor.getByRole("button", { name: /^Atrium( \d+%)?$/ }).waitFor();
});

test("a workspace at rest is started, and opens at the line", patience, async () => {
  await work.put("rest.py", "# a\n# b\n# c\nlast = 4\n");
  await callAPI(page, "POST", `/api/ide/workspaces/${work.id}/stop`, {});
  await page.getByRole("heading", { name: /is stopped/ }).waitFor();
  await page.goto("/chat");
  await fromChat(page, "last = 4\n");
  await dialogOf(page).getByLabel("File").fill("rest.py");
  await dialogOf(page).getByRole("button", { name: "Write and open" }).click();
  await dialogOf(page).getByRole("button", { name: "Open as it is" }).click();
  editor = await openEditor(page, name);
  await tab(editor, "rest.py");
  await place(editor, "Ln 4, Col 1");
});
