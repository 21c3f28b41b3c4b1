// Administration: who may see it, and that what is done there holds.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { assertSound, callAPI, launch, looks, newPage } from "./browser.mjs";
import * as steps from "./steps.mjs";
import { codeOf } from "./totp.mjs";

const email = process.env.ATRIUM_ADMIN_EMAIL;
const password = process.env.ATRIUM_ADMIN_PASSWORD;
const skip =
  !password && "ATRIUM_ADMIN_EMAIL and ATRIUM_ADMIN_PASSWORD do not name an administrator";
const timeout = 180_000;

let browser;
let state;

before(async () => {
  browser = await launch();
  if (skip) return;
  const page = await newPage(browser);
  // Somebody with a workspace and an answer, so that no list is empty.
  await steps.register(page);
  await callAPI(page, "POST", "/api/ide/workspaces", { name: "listed" });
  const ask = { messages: [{ role: "user", content: "Say one word." }], maxTokens: 20 };
  assert.equal((await callAPI(page, "POST", "/api/ai/chat", ask)).status, 200);
  await page.context().clearCookies();
  await steps.signIn(page, email, password);
  await page.getByRole("button", { name: "Account menu" }).waitFor();
  state = await page.context().storageState();
  await page.context().close();
});

after(() => browser?.close());

/** The commands of administration that the palette offers for what is typed. */
async function commandsOfAdministration(page) {
  await page.getByRole("button", { name: "Search" }).click();
  const field = page.getByRole("combobox", { name: /^Search/ });
  await field.fill("usage");
  await page.getByRole("option", { name: "Settings: AI usage" }).waitFor();
  const found = await page.getByRole("option", { name: /^Administration: / }).allInnerTexts();
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
  return found;
}

test("is refused to everybody else, and not offered to them", async () => {
  const page = await newPage(browser);
  await steps.register(page);
  const calls = [];
  page.on("request", (request) => calls.push(new URL(request.url()).pathname));
  assert.equal(await page.getByRole("link", { name: "Admin" }).count(), 0);
  assert.deepEqual(await commandsOfAdministration(page), []);
  await page.goto("/admin/users");
  await page.getByRole("heading", { name: "This is for administrators" }).waitFor();
  await assertSound(page, "administration, refused");
  assert.deepEqual(
    calls.filter((path) => path.startsWith("/api/admin/")),
    [],
  );
  assert.equal((await callAPI(page, "GET", "/api/admin/users")).status, 403);
  await page.context().close();
});

test("a suspended user is refused, and the audit log shows it", { timeout, skip }, async () => {
  const user = await newPage(browser);
  const name = await steps.register(user);
  const { secret } = (await callAPI(user, "POST", "/api/auth/totp", {})).body;
  const code = { code: codeOf(secret) };
  assert.equal((await callAPI(user, "POST", "/api/auth/totp/confirm", code)).status, 200);
  const page = await newPage(browser, { storageState: state });
  await page.goto("/");
  await page.getByRole("button", { name: "Account menu" }).waitFor();
  assert.deepEqual(await commandsOfAdministration(page), ["Administration: AI usage"]);
  await page.getByRole("link", { name: "Admin" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.getByText(/^\d+ new in 30 days$/).waitFor();
  await page.getByRole("region", { name: "Parts of the platform" }).getByText("chat").waitFor();
  await page.getByRole("link", { name: /^Users \d/ }).click();
  await page.waitForURL("/admin/users");
  await page.getByLabel("Search").fill(name);
  await page.waitForURL((url) => url.searchParams.get("q") === name);
  await page.getByRole("link", { name }).click();
  const sheet = page.getByRole("dialog", { name });
  await sheet.getByRole("button", { name: "Reset two-factor" }).click();
  await page.getByText(`${name} signs in with the password alone`).waitFor();
  await sheet.getByRole("button", { name: "Suspend" }).click();
  await page.getByText(`${name} is suspended`).waitFor();
  await sheet.getByRole("button", { name: "Reactivate" }).waitFor();

  const refused = await callAPI(user, "GET", "/api/auth/session");
  assert.equal(refused.status, 401, "the open session has ended");
  await steps.signIn(user, name);
  await user.getByRole("alert").waitFor();

  await sheet.getByRole("link", { name: "Audit log of this account" }).click();
  await page.waitForURL(/\/admin\/audit\?userId=/);
  await page.getByRole("cell", { name: "auth.register" }).waitFor();
  await page.getByLabel("Account", { exact: true }).fill("");
  await page.waitForURL((url) => !url.searchParams.has("userId"));
  await page.getByLabel("Event", { exact: true }).fill("admin.user.");
  await page.keyboard.press("Enter");
  const row = page.getByRole("row").filter({ hasText: "admin.user.update" }).first();
  await row.getByRole("button", { name: "Details" }).click();
  await page.getByText('"isActive"').waitFor();

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const table = await readFile(await (await download).path(), "utf8");
  assert.match(table.split("\n")[0], /^id,timestamp,/);
  assert.match(table, /admin\.user\.update/);
  assert.doesNotMatch(table, /auth\.register/, "the filter holds for the table too");

  await page.goto(`/admin/users?q=${name}`);
  await page.getByRole("link", { name }).click();
  await sheet.getByRole("button", { name: "Reactivate" }).click();
  await page.getByText(`${name} is active again`).waitFor();
  await steps.signIn(user, name);
  await user.getByRole("button", { name: "Account menu" }).waitFor();

  await sheet.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog", { name: `Delete ${name}?` });
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name);
  await dialog.getByRole("button", { name: "Delete account" }).click();
  await page.getByText("No account fits these filters.").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
  await user.context().close();
});

test("anybody's workspace is seen and stopped", { timeout, skip }, async () => {
  const user = await newPage(browser);
  const name = await steps.register(user);
  const { body } = await callAPI(user, "POST", "/api/ide/workspaces", { name: `of ${name}` });
  await callAPI(user, "POST", `/api/ide/workspaces/${body.id}/start`, {});
  const page = await newPage(browser, { storageState: state });
  await page.goto("/admin/workspaces");
  const row = page.getByRole("row").filter({ hasText: `of ${name}` });
  await row.getByRole("link", { name, exact: true }).waitFor();
  await row.getByRole("button", { name: `Stop of ${name}` }).click();
  await page.getByText(`of ${name} is being stopped`).waitFor();
  await page.getByLabel("Status").selectOption("Stopped");
  await page.waitForURL((url) => url.searchParams.get("status") === "stopped");
  await row.getByText("Stopped by an administrator.").waitFor({ timeout: 60_000 });
  await user.evaluate(() => localStorage.setItem("atrium:language", "de"));
  await user.goto(`/ide/workspace/${body.id}`);
  await user.getByText("Von der Verwaltung angehalten.").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
  await user.context().close();
});

test("a plan's limits are edited in units that people read", { timeout, skip }, async () => {
  const page = await newPage(browser, { storageState: state });
  await page.goto("/admin/plans");
  const name = `plan-${Date.now()}`;
  await page.getByRole("button", { name: "New plan" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Plan").fill(name);
  await dialog.getByLabel("AI tokens a month (tokens)").fill("2500000");
  await dialog.getByLabel("AI budget a month (US dollars)").fill("19.99");
  await dialog.getByLabel("Workspace time a month (hours)").fill("12.5");
  await dialog.getByLabel("Storage (GB)").fill("many");
  await dialog.getByLabel("Processor (cores)").fill("1.5");
  await dialog.getByLabel("Memory (GB)").fill("0.5");
  await dialog.getByRole("group", { name: "Workspaces" }).getByLabel("No limit").check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Enter an amount of 0 or more.").waitFor();
  await dialog.getByLabel("Storage (GB)").fill("20");
  await dialog.getByRole("button", { name: "Save" }).click();
  const row = page.getByRole("row").filter({ hasText: name });
  await row.waitFor();
  assert.equal(await row.getByRole("cell").count(), 11);
  const { body } = await callAPI(page, "GET", "/api/admin/plans");
  const { plan } = body.plans.find((summary) => summary.plan.name === name);
  assert.deepEqual(
    [plan.aiTokensMonthly, plan.ideSecondsMonthly, plan.storageBytes, plan.cpuMillis],
    ["2500000", "45000", String(20 * 1024 ** 3), "1500"],
  );
  assert.deepEqual([plan.memoryBytes, plan.workspaces], [String(512 * 1024 ** 2), "-1"]);
  assert.equal(plan.monthlyBudgetUsd, 19.99);
  await row.getByText("$19.99").waitFor();
  const user = await newPage(browser);
  await steps.register(user);
  await callAPI(user, "POST", "/api/ide/workspaces", { name: "one too many" });
  await user.context().close();
  await page.getByRole("button", { name: "Edit free" }).click();
  await dialog.getByLabel("Workspaces (number)").fill("0");
  await dialog.getByText(/Some use more than the new limits already/).waitFor();
  await dialog.getByRole("button", { name: "Save all the same" }).waitFor();
  await assertSound(page, "a plan that somebody is over");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await row.getByRole("button", { name: `Edit ${name}` }).click();
  await dialog.getByRole("group", { name: "AI budget a month" }).getByLabel("No limit").check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("$19.99").waitFor({ state: "detached" });
  await page.context().close();
});

test("usage is shown, corrected and given back", { timeout, skip }, async () => {
  const user = await newPage(browser);
  const name = await steps.register(user);
  const ask = { messages: [{ role: "user", content: "Say one word." }], maxTokens: 20 };
  assert.equal((await callAPI(user, "POST", "/api/ai/chat", ask)).status, 200);
  const used = async () => (await callAPI(user, "GET", "/api/users/me/usage")).body.aiTokens.used;
  const before = await used();
  assert.ok(before > 0);

  const page = await newPage(browser, { storageState: state });
  await page.goto("/admin/usage");
  await page.getByRole("link", { name }).click();
  await page.waitForURL(/userId=/);
  const row = page.getByRole("table", { name: "AI usage" }).getByRole("row").nth(1);
  await row.getByText(name).waitFor();
  assert.match(await row.textContent(), /of 100K/, "the plan's tokens beside what is used");

  await row.getByRole("button", { name: `Correct ${name}` }).click();
  let dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Enter tokens or dollars.").waitFor();
  await dialog.getByLabel("Tokens").fill("500");
  await dialog.getByLabel("Reason").fill("counted by hand");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
  const entries = page.getByRole("table", { name: "Calls and corrections" });
  await entries.getByText("counted by hand").waitFor();
  assert.equal(await used(), before + 500, "what the page says is what is enforced");

  await entries.getByRole("button", { name: "Give back" }).click();
  dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("it broke off");
  await dialog.getByRole("button", { name: "Give back" }).click();
  await entries.getByText("it broke off").waitFor();
  assert.equal(await used(), 500);
  await entries.getByRole("button", { name: "Give back" }).first().click();
  await dialog.getByLabel("Reason").fill("once more");
  await dialog.getByRole("button", { name: "Give back" }).click();
  await dialog.getByText("Nothing is charged for this request any more.").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await page.getByRole("radio", { name: "Model" }).check();
  await page.waitForURL(/groupBy=model/);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const table = await readFile(await (await download).path(), "utf8");
  assert.match(table, /^key,username,requests,inputTokens,outputTokens,costUsd\n/);
  await page.goto("/admin/audit?eventType=admin.usage.correct");
  await page.getByRole("cell", { name: "admin.usage.correct" }).first().waitFor();
  assert.deepEqual(page.faults, []);

  await user.goto("/settings#usage");
  await user.getByRole("heading", { name: "AI usage" }).waitFor();
  await user.getByText("By model, the last month").waitFor();
  await assertSound(user, "the usage in the settings");
  await page.context().close();
  await user.context().close();
});

test("an announcement is above every page until it is put away", { timeout, skip }, async () => {
  const user = await newPage(browser);
  await steps.register(user);
  const page = await newPage(browser, { storageState: state });
  await page.goto("/admin/announcements");
  const text = `Away tonight at ten (${Date.now()}).`;
  await page.getByRole("button", { name: "New announcement" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("textarea:focus").waitFor({ timeout: 5_000 }); // ready to be typed in
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("Enter what is to be said.").waitFor();
  await dialog.getByLabel("Text").fill(text);
  await dialog.getByLabel("Level").selectOption("Warning");
  await assertSound(page, "an announcement being written");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("row").filter({ hasText: text }).getByText("Shown now").waitFor();

  const banner = user.getByRole("region", { name: "Announcements" }).getByText(text);
  for (const path of ["/", "/chat", "/settings"]) {
    await user.goto(path);
    await banner.waitFor();
  }
  await assertSound(user, "an announcement");
  await user.getByRole("button", { name: "Dismiss this announcement" }).first().click();
  await banner.waitFor({ state: "detached" });
  await user.reload();
  await user.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  assert.equal(await banner.count(), 0, "it stays away");

  await page
    .getByRole("row")
    .filter({ hasText: text })
    .getByRole("button", { name: "Delete" })
    .click();
  await page.getByRole("cell").filter({ hasText: text }).waitFor({ state: "detached" });
  await page.context().close();
  await user.context().close();
});

test("the set-up guide tests the real thing and keeps what is done", {
  timeout,
  skip,
}, async () => {
  const page = await newPage(browser, { storageState: state });
  await page.goto("/");
  await page.getByRole("link", { name: "Begin" }).click();
  await page.waitForURL("/admin/setup");
  await page.getByText("Only the demo answers here").waitFor();
  await page.getByRole("button", { name: "Test demo" }).click();
  await page.getByText(/answered after [\d,]+ ms, for \d+ tokens/).waitFor();
  await page.getByRole("button", { name: "These limits are right" }).click();
  await page.getByText("1 of 3 steps are done.").waitFor();
  await page.getByRole("button", { name: "Test the isolation" }).click();
  await page.getByText("Directory works").waitFor();
  await page.getByText("2 of 3 steps are done.").waitFor();
  await assertSound(page, "the set-up guide, tested");
  await page.goto("/");
  await page.getByRole("link", { name: "Go on" }).waitFor();
  await page.getByRole("button", { name: "Don’t remind me" }).click();
  await page.getByRole("link", { name: "Go on" }).waitFor({ state: "detached" });
  await page.context().close();
});

const pages = {
  "/admin": "Overview",
  "/admin/users": "Users",
  "/admin/workspaces": "Workspaces",
  "/admin/plans": "Plans",
  "/admin/usage": "AI usage",
  "/admin/audit": "Audit log",
  "/admin/announcements": "Announcements",
  "/admin/setup": "Set-up guide",
};

/** Pages of administration that need not have a table. */
const tableless = ["/admin", "/admin/announcements", "/admin/setup"];

for (const look of looks) {
  const label = `${look.colorScheme}, ${look.viewport.width} px`;
  test(`pages of an administrator (${label})`, { timeout, skip }, async () => {
    const page = await newPage(browser, { ...look, storageState: state });
    for (const [path, heading] of Object.entries(pages)) {
      await page.goto(path);
      await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
      if (!tableless.includes(path)) await page.getByRole("table").waitFor();
      await page.waitForLoadState("networkidle");
      await assertSound(page, `${path} (${label})`);
    }
    await page.goto("/admin/audit");
    await page.getByRole("button", { name: "Details" }).first().click();
    await assertSound(page, `an audit entry (${label})`);
    await page.goto("/admin/plans");
    await page.getByRole("button", { name: "Edit free" }).click();
    await page.getByRole("dialog").waitFor();
    await assertSound(page, `a plan (${label})`);
    await page.goto("/admin/users");
    await page.getByRole("table").getByRole("link").first().click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).waitFor();
    await assertSound(page, `an account (${label})`);
    await page.context().close();
  });
}
