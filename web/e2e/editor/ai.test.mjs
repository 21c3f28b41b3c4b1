// AI inside VS Code, in one workspace from beginning to end.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { assertAccessible, callAPI, newPage } from "../browser.mjs";
import { runCommand, runInTerminal } from "../editor.mjs";
import * as steps from "../steps.mjs";
import {
  chatIn,
  codeIn,
  ghost,
  notice,
  openFile,
  readFile,
  runOnAll,
  titleButton,
} from "./code.mjs";
import { eventually, question, questions, willAnswer, willAnswerJSON } from "./fake.mjs";
import { openWorkspace, picture } from "./open.mjs";

const name = "assisted";
const patience = { timeout: 120_000 };
let browser;
let page;
let editor;
let workspaceId;
let put;
let saved;

async function turnSuggestions(what) {
  await editor.getByRole("button", { name: /^Atrium/ }).click();
  await editor.getByRole("option", { name: `Turn suggestions in python ${what}` }).click();
  const icon = what === "off" ? "circle-slash" : "sparkle";
  await editor.locator(`[id="atrium.atrium.atrium.status"] .codicon-${icon}`).waitFor();
}

before(
  async () => {
    ({ browser, page, editor, id: workspaceId, put, saved } = await openWorkspace(name));
  },
  { timeout: 300_000 },
);

afterEach(async (context) => {
  await picture(page, context);
  // What a test left open must not be in the next one's way.
  await page.keyboard.press("Escape");
  await runCommand(page, editor, "View: Close All Editors", { focused: true }).catch(() => {});
  await page.keyboard.press("Escape");
});

after(() => browser?.close());

test("text is suggested at the cursor and taken with Tab", patience, async () => {
  await put("money.py", "CENTS = 100\n");
  await put("sums.py", "from money import CENTS\n\ndef add(a, b):\n");
  const code = await openFile(page, editor, "sums.py", "4:1");
  await willAnswer("return (a + b) * CENTS");
  await page.keyboard.type("    ");
  await ghost(editor).waitFor();
  const { body } = (await questions())[0];
  assert.match(body, /CENTS = 100/, "the file that is imported goes along");
  await page.keyboard.press("Control+ArrowRight");
  await page.keyboard.press("Tab");
  await code.getByText("return (a + b) * CENTS").waitFor();
  await saved("sums.py", (text) => text.endsWith("    return (a + b) * CENTS"));
});

test(
  "a suggestion of several lines is taken by the line, by the word, or whole",
  patience,
  async () => {
    await put("lines.py", "def fill(a):\n");
    await openFile(page, editor, "lines.py", "2:1");
    await willAnswer("a.append(1)\n    a.append(2)\n    a.append(3)\n    return a");
    await page.keyboard.type("    ");
    await editor.getByText("return a").first().waitFor();
    await page.keyboard.press("Control+Alt+ArrowRight");
    await saved("lines.py", (text) => /append\(1\)\s*$/.test(text));
    await page.keyboard.press("Control+ArrowRight"); // to where the line begins
    await page.keyboard.press("Control+ArrowRight");
    await saved("lines.py", (text) => /append\(1\)\n {4}a\W?$/.test(text));
    await page.keyboard.press("Tab");
    await saved("lines.py", (text) =>
      text.endsWith("    a.append(1)\n    a.append(2)\n    a.append(3)\n    return a"),
    );
  },
);

test("typing along asks nobody, typing on leaves the question", patience, async () => {
  await put("along.py", "def half(a):\n");
  await openFile(page, editor, "along.py", "2:1");
  await willAnswer("12345678 + a");
  await page.keyboard.type("    ");
  await ghost(editor).waitFor();
  const asked = (await questions()).length;
  await page.keyboard.type("123", { delay: 300 });
  await ghost(editor).filter({ hasText: "45678" }).waitFor();
  assert.equal((await questions()).length, asked);

  await willAnswer("never shown", "first=60s");
  await page.keyboard.type("0");
  await question(asked);
  await willAnswer("9876");
  await page.keyboard.type("0");
  const left = await eventually("the first question is left", async () =>
    (await questions()).slice(asked).find((one) => one.left),
  );
  assert.equal(left.sent, "");
  await ghost(editor).filter({ hasText: "9876" }).waitFor();
});

test("nothing of a secret file is ever sent", patience, async () => {
  await put(".env", "TOKEN=hunter2\n");
  await put("harmless.py", "x = 1\n");
  await runInTerminal(page, editor, "ln -s .env notes.txt; git init -q; git add .env; clear");
  const asked = (await questions()).length;
  for (const file of [".env", "notes.txt"]) {
    await openFile(page, editor, file, "2:1");
    await page.keyboard.type("KEY=", { delay: 200 });
    await runCommand(page, editor, "Trigger Inline Suggestion", { focused: true });
    await runCommand(page, editor, "Atrium: Explain", { focused: true });
    await notice(editor, "Nothing of").waitFor();
    await runCommand(page, editor, "Notifications: Clear All Notifications", { focused: true });
  }
  await runCommand(page, editor, "Atrium: Write Commit Message", { focused: true });
  await notice(editor, "All that is staged is on the list").waitFor();
  // One that is asked shows that the others would have been by now.
  await openFile(page, editor, "harmless.py", "2:1");
  await willAnswer("y = 2");
  await page.keyboard.press("Enter");
  await question(asked);
  for (const { body } of (await questions()).slice(asked)) {
    assert.doesNotMatch(body, /hunter2|KEY=/, "open or not, it is not among what goes along");
    assert.match(body, /harmless/);
  }
});

test("suggestions are switched off for a language in the status bar", patience, async () => {
  await put("off.py", "x = 1\n");
  await openFile(page, editor, "off.py", "2:1");
  const asked = (await questions()).length;
  await turnSuggestions("off");
  await codeIn(editor).click();
  await page.keyboard.type("\ny = 2", { delay: 300 });
  await saved("off.py", (text) => text.includes("y = 2"));
  assert.equal((await questions()).length, asked);
  await turnSuggestions("on");
  await codeIn(editor).click();
  await willAnswer("z = 3");
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Enter");
  await question(asked);
});

test("what is used is in the status bar", patience, async () => {
  await put("used.py", "x = 1\n");
  await openFile(page, editor, "used.py", "2:1");
  await willAnswer("y = 2");
  await page.keyboard.press("Enter");
  await ghost(editor).waitFor();
  await eventually("the figure is what is counted", async () => {
    const { body } = await callAPI(page, "GET", "/api/users/me/usage");
    const used = body.aiTokens.used.toLocaleString("en");
    assert.notEqual(used, "0");
    await editor.getByRole("button", { name: /^Atrium \d+%$/ }).click();
    const figure = editor.getByRole("option", { name: `${used} of ` });
    const shown = await figure.waitFor({ timeout: 2_000 }).then(
      () => true,
      () => false,
    );
    await page.keyboard.press("Escape");
    return shown;
  });
});

test("code is explained below it, as the explanation is written", patience, async () => {
  await put("trick.py", "def last(x):\n    return x & -x\n");
  await openFile(page, editor, "trick.py");
  await willAnswer(
    "This keeps the **lowest** bit. It works since minus flips all bits above it.",
    "slow=400ms",
  );
  await runOnAll(page, editor, "Atrium: Explain");
  const panel = editor.locator(".review-widget");
  await panel.getByText("This keeps").waitFor();
  assert.equal(await panel.getByText("above it").count(), 0, "it comes in pieces");
  await panel.getByText("above it").waitFor();
  await panel.locator("strong").getByText("lowest").waitFor();
  await panel.getByRole("button", { name: "Close" }).click();
  await panel.waitFor({ state: "hidden" });
});

test("what a language finds wrong is fixed, once accepted", patience, async () => {
  await put("bug.json", '{\n  "one": 1\n  "two": 2\n}\n');
  await openFile(page, editor, "bug.json", "3:4");
  await editor.locator(".squiggly-error").first().waitFor();
  await willAnswerJSON({
    cause: "A comma is missing.",
    explanation: "e",
    fixedCode: '{\n  "one": 1,\n  "two": 2\n}',
    confidence: 0.9,
  });
  const asked = (await questions()).length;
  await page.keyboard.press("Control+.");
  await editor.locator(".action-widget").getByText("Fix with AI").first().click();
  const { body } = await question(asked);
  assert.match(body, /Expected comma/, "the language's own words go along");
  await editor.getByRole("tab", { name: /bug.json \(Fix\)/ }).waitFor();
  await notice(editor, "A comma is missing.").waitFor();
  assert.match(await readFile(page, workspaceId, "bug.json"), /1\n/, "nothing has changed yet");
  await titleButton(editor, "Accept").click();
  await saved("bug.json", (text) => text.includes("1,\n"));
});

test("a refactoring is taken in part, or not at all", patience, async () => {
  const before = "a = 1\n\n\n\n\n\n\n\nb = 2\n";
  await put("two.py", before);
  const refactor = async (name) => {
    await openFile(page, editor, name);
    await willAnswerJSON({ code: before.replace("1", "10").replace("2", "20"), explanation: "e" });
    await runOnAll(page, editor, "Atrium: Refactor…");
    await editor.locator(".quick-input-widget input[type=text]").fill("Tens, please");
    await page.keyboard.press("Enter");
    await editor.getByRole("tab", { name: `${name} (Tens, please)` }).waitFor();
  };
  await refactor("two.py");
  assert.match((await questions()).at(-1).body, /Tens, please/);
  await titleButton(editor, "Discard").click();
  await editor.getByRole("tab", { name: /Tens/ }).waitFor({ state: "hidden" });
  assert.equal(await readFile(page, workspaceId, "two.py"), before);

  await refactor("two.py");
  await editor.locator(".modified .view-line").getByText("20").first().waitFor();
  await editor.getByRole("button", { name: "Revert Block" }).last().click();
  await editor.locator(".modified .view-line").getByText("20").waitFor({ state: "hidden" });
  await titleButton(editor, "Accept").click();
  await saved("two.py", (text) => text === before.replace("1", "10"));

  await put("one.py", before);
  await refactor("one.py");
  await editor.getByRole("button", { name: "Accept This Change" }).last().click();
  await saved("one.py", (text) => text === before.replace("2", "20"));
  await titleButton(editor, "Discard").click();
  await editor.getByRole("tab", { name: /Tens/ }).waitFor({ state: "hidden" });
  assert.equal(await readFile(page, workspaceId, "one.py"), before.replace("2", "20"));
});

test("tests and documentation are written", patience, async () => {
  await put("shop.py", "def price(n):\n    return n * 2\n");
  await openFile(page, editor, "shop.py");
  await willAnswerJSON({ code: 'def price(n):\n    """The price."""\n    return n * 2' });
  await runOnAll(page, editor, "Atrium: Generate Documentation");
  await editor.getByRole("tab", { name: /shop.py \(Documentation\)/ }).waitFor();
  await titleButton(editor, "Accept").click();
  await saved("shop.py", (text) => text.includes('"""The price."""\n    return'));

  await openFile(page, editor, "shop.py");
  await willAnswerJSON({
    code: "def test_price(): assert price(1) == 2",
    filePath: "tests/test_shop.py",
    explanation: "e",
  });
  await runOnAll(page, editor, "Atrium: Generate Tests");
  await editor.getByRole("tab", { name: /test_shop.py \(New Tests\)/ }).waitFor();
  assert.equal(await readFile(page, workspaceId, "tests/test_shop.py"), undefined);
  await titleButton(editor, "Accept").click();
  await saved("tests/test_shop.py", (text) => text.includes("assert price(1) == 2"));
});

test("a commit's message is written from what is staged", patience, async () => {
  await put("staged.py", "answer = 42\n");
  await runInTerminal(page, editor, "echo '*' > .git/info/exclude; git add -f staged.py; clear");
  await willAnswerJSON({ message: "Add the answer" });
  const asked = (await questions()).length;
  await eventually("the staged file is known", async () => {
    await runCommand(page, editor, "Git: Refresh", { focused: true });
    await runCommand(page, editor, "Atrium: Write Commit Message", { focused: true });
    return await question(asked, undefined, 5_000).catch(() => false);
  });
  const { body } = await question(asked);
  assert.match(body, /answer = 42/);
  assert.doesNotMatch(body, /hunter2/, "the secret file beside it is left out");
  await runCommand(page, editor, "Source Control: Focus on Changes View", { focused: true });
  await editor.locator(".scm-editor").getByText("Add the answer").waitFor();
});

test("the chat asks about a file, and its code is used after a click", patience, async () => {
  await put("ask.py", "x = 1\n");
  await openFile(page, editor, "ask.py");
  await runCommand(page, editor, "Atrium: Ask in Chat", { focused: true });
  const chat = chatIn(editor);
  const asked = (await questions()).length;
  await chat.getByRole("combobox", { name: "About" }).selectOption("file");
  await chat.getByRole("textbox", { name: "Message" }).fill("Make it two");
  await willAnswer(
    "Like **this**:\n\n```python\nx = 2\n```\n\nor in a shell:\n\n```sh\ntouch ran.txt\n```\n",
    "slow=100ms",
  );
  await page.keyboard.press("Enter");
  await chat.getByText("Like").waitFor();
  await chat.getByRole("button", { name: "Stop" }).waitFor();
  const { body } = await question(asked);
  assert.match(body, /Make it two.*x = 1/);
  await chat.getByRole("button", { name: "Send" }).waitFor();
  await chat.locator("strong").getByText("this").waitFor();

  await chat.getByRole("button", { name: "Apply" }).first().click();
  await editor.getByRole("tab", { name: /ask.py \(From Chat\)/ }).waitFor();
  await titleButton(editor, "Accept").click();
  await saved("ask.py", (text) => text === "x = 2\n");
  await codeIn(editor).click();
  await page.keyboard.press("Control+End");
  await chat.getByRole("button", { name: "Insert" }).first().click();
  await saved("ask.py", (text) => text === "x = 2\nx = 2");
  await chat.getByRole("button", { name: "Run" }).last().click();
  await saved("ran.txt", (text) => text === "");
});

test("a conversation is the same in the chat's own pages", patience, async () => {
  const { body } = await callAPI(page, "GET", "/api/chat/conversations");
  const [{ id, workspaceId: of }] = body.conversations;
  assert.equal(of, workspaceId);
  const pages = await page.context().newPage();
  await pages.goto(`/chat/${id}`);
  await steps.lastAnswer(pages).getByText("Like this").waitFor();
  await willAnswer("Three is nicer.");
  await pages.getByRole("textbox", { name: "Message" }).fill("And three?");
  await pages.keyboard.press("Enter");
  await steps.lastAnswer(pages).getByText("Three is nicer.").waitFor();
  await pages.close();
  const chat = chatIn(editor);
  await chat.getByRole("button", { name: "New", exact: true }).click();
  await chat.getByText("Like").waitFor({ state: "hidden" });
  await chat.getByRole("combobox", { name: "Conversation" }).selectOption(id);
  await chat.getByText("Three is nicer.").waitFor();

  const opened = page.context().waitForEvent("page");
  await chat.getByRole("button", { name: "Open in Chat" }).click();
  const tab = await opened;
  await tab.waitForURL(new RegExp(`/chat/${id}$`));
  await steps.lastAnswer(tab).getByText("Three is nicer.").waitFor();
  await tab.close();
});

test("a conversation of the chat's pages goes on in the editor", patience, async () => {
  const pages = await page.context().newPage();
  await willAnswer("Begun in the pages.");
  const id = await steps.ask(pages, "Where are we?");
  await steps.lastAnswer(pages).getByText("Begun in the pages.").waitFor();
  await pages.getByRole("button", { name: "Actions for this conversation" }).last().click();
  await pages.getByRole("menuitem", { name: "Open beside an editor" }).click();
  const dialog = pages.getByRole("dialog", { name: "Open beside an editor" });
  await dialog.getByLabel("Workspace").selectOption(workspaceId);
  await assertAccessible(pages, "a conversation to be opened beside an editor");
  await dialog.getByRole("button", { name: "Open", exact: true }).click();
  await pages.waitForURL(/\/ide\/workspace\//);
  const panel = pages.getByRole("region", { name: "Chat", exact: true });
  await steps.lastAnswer(panel).getByText("Begun in the pages.").waitFor();
  await pages.close();

  const chat = chatIn(editor);
  await chat.getByRole("combobox", { name: "Conversation" }).focus();
  await chat.locator(`option[value="${id}"]`).waitFor({ state: "attached" });
  await chat.getByRole("combobox", { name: "Conversation" }).selectOption(id);
  await chat.getByText("Begun in the pages.").waitFor();
  await willAnswer("Gone on in the editor.");
  await chat.getByRole("combobox", { name: "About" }).selectOption("nothing");
  await chat.getByRole("textbox", { name: "Message" }).fill("And now?");
  await page.keyboard.press("Enter");
  await chat.getByText("Gone on in the editor.").waitFor();
});

test("the chat asks about a selection, and about the workspace", patience, async () => {
  await put("chosen.py", "first = 1\nsecond = 2\n");
  await openFile(page, editor, "chosen.py", "1:1");
  await page.keyboard.press("Shift+End");
  await runCommand(page, editor, "Atrium: Ask in Chat", { focused: true });
  const chat = chatIn(editor);
  await chat.getByRole("button", { name: "New", exact: true }).click();
  const ask = async (subject, words) => {
    const asked = (await questions()).length;
    await willAnswer(`About the ${subject}.`);
    await chat.getByRole("combobox", { name: "About" }).selectOption(subject);
    await chat.getByRole("textbox", { name: "Message" }).fill(words);
    await page.keyboard.press("Enter");
    await chat.getByText(`About the ${subject}.`).waitFor();
    return (await question(asked, ({ body }) => body.includes(words))).body;
  };
  const selection = await ask("selection", "What is chosen?");
  assert.match(selection, /first = 1/);
  assert.doesNotMatch(selection, /second = 2/, "what is not selected stays here");
  assert.match(await ask("workspace", "What is there?"), /The files of the workspace.*chosen\.py/);
});

test("a provider that is away is said, and typing goes on", patience, async () => {
  await put("away.py", "# [[fake:status=529]]\n");
  await openFile(page, editor, "away.py", "2:1");
  await page.keyboard.type("a = 1");
  await editor.getByRole("button", { name: /^Atrium: not available/ }).waitFor();
  await page.keyboard.type("23");
  await saved("away.py", (text) => text.includes("a = 123"));
  await runCommand(page, editor, "Atrium: Explain", { focused: true });
  await editor.locator(".review-widget").getByText("Try again shortly").waitFor();
  await put("away.py", "a = 1\n");
  await openFile(page, editor, "away.py", "2:1");
  await willAnswer("It is one.");
  await runCommand(page, editor, "Atrium: Explain", { focused: true });
  await editor.locator(".review-widget").getByText("It is one.").waitFor();
  await editor.getByRole("button", { name: /^Atrium( \d+%)?$/ }).waitFor();
});

test("a plan that is used up is said plainly", patience, async () => {
  const admin = await newPage(browser);
  await steps.signIn(admin, process.env.ATRIUM_ADMIN_EMAIL, process.env.ATRIUM_ADMIN_PASSWORD);
  await admin.getByRole("button", { name: "Account menu" }).waitFor();
  const { body: mine } = await callAPI(page, "GET", "/api/users/me/usage");
  const { body } = await callAPI(admin, "GET", "/api/admin/plans");
  const { plan } = body.plans.find((summary) => summary.plan.name === mine.plan);
  const allow = async (aiTokensMonthly) => {
    const plans = [{ ...plan, aiTokensMonthly }];
    assert.equal((await callAPI(admin, "PUT", "/api/admin/plans", { plans })).status, 200);
  };
  await allow("1");
  await put("poor.py", "a = 1\n");
  await openFile(page, editor, "poor.py");
  await eventually("the quota is told", async () => {
    await runOnAll(page, editor, "Atrium: Generate Documentation");
    const told = notice(editor, /of your plan's 1 .*The count starts again on/);
    return await told.waitFor({ timeout: 10_000 }).then(
      () => true,
      () => false,
    );
  });
  await editor.getByRole("button", { name: "Atrium: plan used up" }).waitFor();
  await allow(plan.aiTokensMonthly); // others come after, on the same plan
});
