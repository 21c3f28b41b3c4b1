// What people do with their accounts: a second factor, a forgotten password,
// taking everything along, leaving.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { assertAccessible, callAPI, launch, newPage } from "./browser.mjs";
import * as steps from "./steps.mjs";
import { codeOf } from "./totp.mjs";

const timeout = 180_000;

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

test("a second factor is set up, asked for, and turned off again", { timeout }, async () => {
  const page = await newPage(browser);
  const name = await steps.register(page);
  await page.goto("/settings");
  await page.getByRole("button", { name: "Set up two-factor authentication" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("img", { name: /QR code/ }).waitFor();
  await assertAccessible(page, "setting up two factors");
  const secret = (await dialog.locator("code").textContent()).replace(/\s/g, "");
  await dialog.getByLabel("Code that the app shows").fill("12345");
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await dialog.getByText("Enter the whole code.").waitFor();
  await dialog.getByLabel("Code that the app shows").fill(codeOf(secret));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  const codes = await recoveryCodes(page);
  assert.equal(new Set(codes).size, 10);
  await page.keyboard.press("Escape");
  assert.equal((await recoveryCodes(page)).length, 10, "a slip does not close them");
  await assertAccessible(page, "recovery codes");
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  for (const code of codes) assert.ok(file.includes(code));
  await dialog.getByRole("button", { name: "I have put them away" }).click();
  await page.getByText("10 recovery codes left").waitFor();

  await steps.signOut(page);
  await steps.signIn(page, name);
  const code = page.getByLabel("Code of your authenticator");
  await code.waitFor();
  assert.equal(await code.getAttribute("autocomplete"), "one-time-code");
  await assertAccessible(page, "the second step of a sign-in");
  await code.fill("000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("This code is wrong, or was used already.").waitFor();
  await code.fill(codeOf(secret, 1));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Account menu" }).waitFor();

  await steps.signOut(page);
  await useRecoveryCode(page, name, codes[0].toUpperCase());
  await page.getByRole("button", { name: "Account menu" }).waitFor();
  await steps.signOut(page);
  await useRecoveryCode(page, name, codes[0]);
  await page.getByText("This code is wrong, or was used already.").waitFor();
  await page.getByLabel("Recovery code").fill(codes[1]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Account menu" }).waitFor();

  await page.goto("/settings#two-factor");
  await page.getByText("8 recovery codes left").waitFor();
  await page.getByRole("button", { name: "Turn off" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Turn off" }).click();
  await page.getByRole("button", { name: "Set up two-factor authentication" }).waitFor();
  await steps.signOut(page);
  await steps.signIn(page, name);
  await page.getByRole("button", { name: "Account menu" }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

async function recoveryCodes(page) {
  const list = page.getByRole("list", { name: "Your recovery codes" });
  await list.waitFor();
  return list.getByRole("listitem").allTextContents();
}

async function useRecoveryCode(page, name, code) {
  await steps.signIn(page, name);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await page.getByLabel("Recovery code").fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const log = process.env.ATRIUM_JOURNEY_LOG;

test("a forgotten password is replaced by the link that the operator has", {
  timeout,
  skip: !log && "ATRIUM_JOURNEY_LOG does not name the server's log",
}, async () => {
  const page = await newPage(browser);
  const name = await steps.register(page);
  await steps.signOut(page);
  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByText("This Atrium sends no mail.").waitFor();
  await page.getByLabel("E-mail").fill(`${name}@example.org`);
  await page.getByRole("button", { name: "Get a link" }).click();
  await page.getByText(/it is in the server's log/).waitFor();
  await assertAccessible(page, "a link that was asked for");

  const link = await linkFor(`${name}@example.org`);
  const token = link.split("#token=")[1];
  const sent = [];
  page.on("request", (request) => sent.push(request));
  await page.goto(link);
  await page.getByRole("heading", { name: "Set a new password" }).waitFor();
  const field = page.getByLabel("New password");
  await field.waitFor();
  assert.equal(new URL(page.url()).hash, "", "the token has left the address");
  await assertAccessible(page, "setting a new password");
  await field.fill("violet kettle over hills");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("Your password is set.").waitFor();
  const carriers = sent.filter((request) => {
    // A browser sends no fragment, though it is part of what was asked for.
    const [address] = request.url().split("#");
    const parts = [address, request.postData(), ...Object.values(request.headers())];
    return parts.some((part) => part?.includes(token));
  });
  assert.deepEqual(
    carriers.map((request) => [request.method(), new URL(request.url()).pathname]),
    [["POST", "/api/auth/password/reset"]],
    "the token is sent once, in a body",
  );

  await page.goto("/");
  await page.goto(link);
  await page.getByLabel("New password").fill("another kettle over hills");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByRole("alert").waitFor();

  await steps.signIn(page, name);
  await page.getByRole("alert").waitFor();
  await steps.signIn(page, name, "violet kettle over hills");
  await page.getByRole("button", { name: "Account menu" }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

/** The link of the last mail to an address, as the operator finds it. */
async function linkFor(email) {
  for (let tries = 0; tries < 300; tries++) {
    const lines = (await readFile(log, "utf8")).split("\n");
    const mail = lines.findLast((line) => line.includes("#token=") && line.includes(email));
    if (mail) return mail.match(/(http\S+?\/reset#token=[\w-]+)/)[1];
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no mail to ${email} in the log`);
}

test("a page without a token says what is missing", async () => {
  const page = await newPage(browser);
  await page.goto("/reset");
  await page.getByText(/needs the whole link/).waitFor();
  await page.getByRole("link", { name: "Ask for a new link" }).click();
  await page.waitForURL("/forgot");
  await page.context().close();
});

test("everything of a user comes as a zip file", { timeout }, async () => {
  const page = await newPage(browser);
  await steps.register(page);
  await steps.ask(page, "What do I take along?");
  await steps.answered(page);
  await page.goto("/settings#data");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download export" }).click();
  const file = await download;
  assert.match(file.suggestedFilename(), /\.zip$/);
  const content = await readFile(await file.path());
  assert.equal(content.subarray(0, 4).toString("latin1"), "PK\u0003\u0004");
  assert.ok(content.includes("PK\u0005\u0006"), "the zip file is whole");
  await page.context().close();
});

test("an account is deleted by its owner, and then is no more", { timeout }, async () => {
  const page = await newPage(browser);
  const name = await steps.register(page);
  await page.goto("/settings#data");
  await page.getByRole("button", { name: "Delete account" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete your account?" });
  const confirm = dialog.getByRole("button", { name: "Delete account" });
  await dialog.getByLabel(`Type ${name} to confirm`).fill("somebody");
  assert.ok(await confirm.isDisabled());
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name);
  await assertAccessible(page, "deleting the account");
  await confirm.click();
  await page.getByRole("heading", { name: "Think in a chat" }).waitFor();
  assert.equal((await callAPI(page, "GET", "/api/auth/session")).status, 401);
  await steps.signIn(page, name);
  await page.getByRole("alert").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a refused login at a provider is told in words, whatever the address says", async () => {
  const page = await newPage(browser);
  await page.goto("/login?error=LOGIN_NOT_LINKED");
  await page.getByRole("alert").getByText("This login belongs to no account here.").waitFor();
  await page.goto(`/login?error=${encodeURIComponent("Call 555-0100")}`);
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.doesNotMatch(await alert.textContent(), /555/);
  await page.context().close();
});
