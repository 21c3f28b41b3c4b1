// The first sign-in of a deployment, with the password that its log shows.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertSound, callAPI, launch, looks, newPage } from "../browser.mjs";
import * as steps from "../steps.mjs";

const {
  ATRIUM_ADMIN_EMAIL: email,
  ATRIUM_FIRST_PASSWORD: mine,
  ATRIUM_JOURNEY_LOG: log,
} = process.env;
const skip = !(log && mine) && "ATRIUM_JOURNEY_LOG and ATRIUM_FIRST_PASSWORD are not set";

test("the first administrator replaces the password before anything else", {
  timeout: 180_000,
  skip,
}, async () => {
  const madeUp = (await readFile(log, "utf8")).match(/One-time password:\s*(\S+)/)[1];
  const browser = await launch();
  try {
    const page = await newPage(browser);
    await steps.signIn(page, email, madeUp);
    await page.getByRole("button", { name: "Save and go on" }).waitFor();
    await assertSound(page, "a password asked for at once");
    await page.goto("/"); // whoever does not answer gets no further
    await page.waitForURL("/settings#password");
    await page.getByText("Your password was made for you.").waitFor();
    for (const look of looks) {
      await page.setViewportSize(look.viewport);
      await page.emulateMedia({ colorScheme: look.colorScheme });
      await assertSound(page, "a password to be replaced");
    }

    await page.goto("/admin/users");
    await page.waitForURL("/settings#password");
    for (const [method, path, body] of [
      ["GET", "/api/users/me"],
      ["GET", "/api/admin/users"],
      ["GET", "/api/ide/workspaces"],
      ["POST", "/api/chat/conversations", { title: "Talk" }],
      ["POST", "/api/auth/tokens", { name: "laptop", scopes: ["admin"] }],
    ]) {
      const refused = await callAPI(page, method, path, body);
      assert.equal(refused.status, 403, `${method} ${path}`);
      assert.equal(refused.body.error.reason, "PASSWORD_CHANGE_REQUIRED", `${method} ${path}`);
    }

    await page.getByLabel("Current password").fill(madeUp);
    await page.getByLabel("New password").fill(mine);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Password changed.").waitFor();
    await page.getByText("Your password was made for you.").waitFor({ state: "detached" });
    await page.goto("/admin/users");
    await page.getByRole("heading", { name: "Users" }).waitFor();
    assert.equal((await callAPI(page, "GET", "/api/admin/users")).status, 200);
    assert.deepEqual(page.faults, []);

    const again = await newPage(browser);
    await steps.signIn(again, email, madeUp);
    await again.getByRole("alert").waitFor();
    await steps.signIn(again, email, mine);
    await again.getByRole("button", { name: "Account menu" }).waitFor();
  } finally {
    await browser.close();
  }
});
