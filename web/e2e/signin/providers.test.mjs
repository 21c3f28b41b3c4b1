// Signing in at an OpenID Connect provider, and linking its logins, with the
// provider's own pages between.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, callAPI, launch, newPage } from "../browser.mjs";
import * as steps from "../steps.mjs";

const { ATRIUM_JOURNEY_PROVIDER: provider, ATRIUM_JOURNEY_PROVIDER_PASSWORD: secret } = process.env;
const skip = !provider && "ATRIUM_JOURNEY_PROVIDER does not name the provider";
const timeout = 180_000;

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

/** Signs in on the provider's page, which has just been opened. */
async function signInThere(page, name) {
  await page.waitForURL((url) => url.origin === process.env.ATRIUM_OIDC_ISSUER);
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Login" }).click();
}

async function signInBy(page, name) {
  await page.goto("/login");
  await page.getByRole("link", { name: `Continue with ${provider}` }).click();
  await signInThere(page, name);
  await page.getByRole("button", { name: "Account menu" }).waitFor();
}

async function whoIsIt(page) {
  return (await callAPI(page, "GET", "/api/auth/session")).body.user;
}

test("somebody comes by a provider, sets a password, and can do without it", {
  timeout,
  skip,
}, async () => {
  const page = await newPage(browser);
  await page.goto("/login?next=%2Fide");
  await assertSound(page, "signing in, with a provider");
  await page.getByRole("link", { name: `Continue with ${provider}` }).click();
  await signInThere(page, "grace");
  await page.waitForURL("/ide");
  const { id, hasPassword } = await whoIsIt(page);
  assert.equal(hasPassword, false);

  await page.goto("/settings");
  await page.getByText("Your only way to sign in").waitFor();
  assert.equal(await page.getByRole("button", { name: `Unlink ${provider}` }).count(), 0);
  await assertSound(page, "settings, without a password");
  await page.getByLabel("New password").fill("violet kettle over hills");
  await page.getByRole("button", { name: "Set a password" }).click();
  await page.getByText("Password set.").waitFor();
  await page.getByRole("button", { name: `Unlink ${provider}` }).click();
  await page.getByText("Login unlinked").waitFor();
  await steps.signOut(page);
  await steps.signIn(page, "grace", "violet kettle over hills");
  await page.getByRole("button", { name: "Account menu" }).waitFor();
  assert.equal((await whoIsIt(page)).id, id);

  await steps.signOut(page);
  await page.goto("/login");
  await page.getByRole("link", { name: `Continue with ${provider}` }).click();
  await signInThere(page, "grace");
  await page.getByRole("alert").waitFor(); // the address alone opens no account
  assert.equal((await callAPI(page, "GET", "/api/auth/session")).status, 401);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("a login is linked in the settings, and then signs in to the account", {
  timeout,
  skip,
}, async () => {
  const page = await newPage(browser);
  await steps.register(page);
  const { id } = await whoIsIt(page);
  await page.goto("/settings");
  await page.getByRole("button", { name: `Link ${provider}` }).click();
  await signInThere(page, "joan");
  await page.waitForURL((url) => url.pathname === "/settings");
  await page.getByRole("button", { name: `Unlink ${provider}` }).waitFor();
  await assertSound(page, "settings, with a linked login");
  await steps.signOut(page);
  await signInBy(page, "joan");
  assert.equal((await whoIsIt(page)).id, id);

  // Nobody else can have the same login.
  const other = await newPage(browser);
  await steps.register(other);
  await other.goto("/settings");
  await other.getByRole("button", { name: `Link ${provider}` }).click();
  await signInThere(other, "joan");
  await other.waitForURL((url) => url.searchParams.get("error") === "LOGIN_LINKED_ELSEWHERE");
  await other.getByRole("alert").waitFor();
  assert.equal(await other.getByRole("button", { name: `Unlink ${provider}` }).count(), 0);

  await page.goto("/settings");
  await page.getByRole("button", { name: `Unlink ${provider}` }).click();
  await page.getByText("Login unlinked").waitFor();
  assert.deepEqual([...page.faults, ...other.faults], []);
  await page.context().close();
  await other.context().close();
});

test("whoever turns back at the provider is told so", { timeout, skip }, async () => {
  const page = await newPage(browser);
  await page.goto("/login");
  await page.getByRole("link", { name: `Continue with ${provider}` }).click();
  await page.waitForURL((url) => url.origin === process.env.ATRIUM_OIDC_ISSUER);
  await page.goBack();
  await page.getByRole("link", { name: `Continue with ${provider}` }).waitFor();
  assert.equal((await callAPI(page, "GET", "/api/auth/session")).status, 401);
  await page.context().close();
});
