// The whole way through the platform, as one person and then as a stranger.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, callAPI, launch, newPage } from "./browser.mjs";
import { fileInExplorer, openEditor, runInTerminal, shows } from "./editor.mjs";
import * as steps from "./steps.mjs";

const workspaceName = "journey";

let browser;
let page;
let phone;
let conversationId;
let answer;
let workspaceId;

before(async () => {
  browser = await launch();
  page = await newPage(browser, { serviceWorkers: "allow" });
});

after(() => browser?.close());

test("a visitor registers, and signs in on another device", async () => {
  const name = await steps.register(page);
  await assertAccessible(page, "the start page");
  phone = await newPage(browser, { viewport: { width: 375, height: 700 } });
  await steps.signIn(phone, name);
  await phone.getByRole("button", { name: "Account menu" }).waitFor();
});

test("an answer streams in, and a reload and another device continue it", async () => {
  conversationId = await steps.ask(page, "Tell me a long story");
  const early = await steps.textLongerThan(steps.lastAnswer(page), 60);
  await page.getByRole("button", { name: "Stop" }).waitFor();

  await phone.goto(`/chat/${conversationId}`);
  const there = await steps.textLongerThan(steps.lastAnswer(phone), early.length);
  assert.ok(there.startsWith(early), "the other device has it from its beginning");
  await phone.getByRole("button", { name: "Stop" }).waitFor();

  await page.reload();
  const resumed = await steps.textLongerThan(steps.lastAnswer(page), early.length);
  assert.ok(resumed.startsWith(early), "the text goes on from what had been shown");
  await page.getByRole("button", { name: "Stop" }).waitFor();

  await steps.answered(page);
  answer = await steps.textOf(steps.lastAnswer(page));
  assert.ok(answer.startsWith(early), "the answer keeps what was shown before the reload");
  await steps.answered(phone);
  assert.equal(await steps.textOf(steps.lastAnswer(phone)), answer);
});

test("the answer is still there afterwards", async () => {
  await page.goto("/");
  await page.goto(`/chat/${conversationId}`);
  await steps.textLongerThan(steps.lastAnswer(page), 100);
  assert.equal(await steps.textOf(steps.lastAnswer(page)), answer);
  assert.equal(await steps.answers(page).count(), 1, "one question has one answer");
});

test("a workspace opens in VS Code, and its terminal writes a file", {
  timeout: 240_000,
}, async () => {
  workspaceId = await steps.createWorkspace(page, workspaceName);
  const editor = await openEditor(page, workspaceName);
  await runInTerminal(page, editor, "echo hi > a.txt");
  await shows(page, fileInExplorer(editor, "a.txt").waitFor({ timeout: 30_000 }));
});

test("the file outlives a stop and a start", { timeout: 240_000 }, async () => {
  await page.getByRole("button", { name: `Actions for ${workspaceName}` }).click();
  await page.getByRole("menuitem", { name: "Stop" }).click();
  await page
    .getByRole("heading", { name: `${workspaceName} is stopped` })
    .waitFor({ timeout: 60_000 });
  await assertAccessible(page, "the page of a stopped workspace");

  await page.getByRole("button", { name: "Start" }).click();
  const editor = await openEditor(page, workspaceName);
  await shows(page, fileInExplorer(editor, "a.txt").waitFor({ timeout: 60_000 }));
});

test("none of it is there for a stranger", async () => {
  const { body } = await callAPI(page, "GET", `/api/chat/conversations/${conversationId}/messages`);
  const [question, reply] = body.messages;
  const stranger = await newPage(browser);
  await steps.register(stranger);

  const calls = [
    ["GET", `/api/chat/conversations/${conversationId}`],
    ["PATCH", `/api/chat/conversations/${conversationId}`, { title: "mine" }],
    ["GET", `/api/chat/conversations/${conversationId}/messages`],
    ["POST", `/api/chat/conversations/${conversationId}/messages`, { content: "hello" }],
    ["GET", `/api/chat/messages/${reply.id}/stream`],
    ["POST", `/api/chat/messages/${reply.id}/stop`, {}],
    ["POST", `/api/chat/messages/${reply.id}/regenerate`, {}],
    ["GET", `/api/chat/messages/${question.id}/stream`],
    ["GET", `/api/ide/workspaces/${workspaceId}`],
    ["POST", `/api/ide/workspaces/${workspaceId}/open`, {}],
    ["POST", `/api/ide/workspaces/${workspaceId}/stop`, {}],
    ["GET", `/api/ide/workspaces/${workspaceId}/events`],
    ["GET", `/api/ide/workspaces/${workspaceId}/logs`],
    ["DELETE", `/api/ide/workspaces/${workspaceId}`],
    ["DELETE", `/api/chat/conversations/${conversationId}`],
  ];
  for (const [method, path, data] of calls) {
    const { status } = await callAPI(stranger, method, path, data);
    assert.equal(status, 404, `${method} ${path}`);
  }

  await stranger.goto(`/chat/${conversationId}`);
  await stranger.getByRole("heading", { name: "There is nothing here" }).waitFor();
  await stranger.goto(`/ide/workspace/${workspaceId}`);
  await stranger.getByRole("heading", { name: "There is nothing here" }).waitFor();
  assert.deepEqual(stranger.faults, []);
});

test("a workspace is deleted once its name is typed", async () => {
  await page.goto("/ide");
  const actions = page.getByRole("button", { name: `Actions for ${workspaceName}` });
  await actions.click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: `Delete “${workspaceName}”?` });
  const confirm = dialog.getByRole("button", { name: "Delete workspace" });
  const typed = dialog.getByLabel(`Type ${workspaceName} to confirm`);
  await typed.fill("another");
  assert.ok(await confirm.isDisabled());
  await typed.fill(workspaceName);
  await confirm.click();
  await page.getByText(`Workspace “${workspaceName}” deleted`).waitFor();
  await actions.waitFor({ state: "detached" });
  const { status } = await callAPI(page, "GET", `/api/ide/workspaces/${workspaceId}`);
  assert.equal(status, 404);
});

test("nothing went wrong unseen", () => {
  assert.deepEqual(page.faults, []);
  assert.deepEqual(phone.faults, []);
});
