// The pages' files from another origin: they all come from there, under the
// same policy, and what was changed there does not run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSound, baseURL, launch, newPage } from "../browser.mjs";

const elsewhere = process.env.ATRIUM_ASSETS_URL;
const skip = !elsewhere && "ATRIUM_ASSETS_URL is not set";

test("pages run from files of another origin, as they are here", { skip }, async () => {
  const browser = await launch();
  try {
    const page = await newPage(browser);
    const late = /\/RegisterPage-.*\.js$/;
    await page.goto("/login");
    await page.getByRole("heading", { name: "Welcome back" }).waitFor();
    await assertSound(page, "a page with files from elsewhere");
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => name),
    );
    const files = loaded.filter((url) => url.includes("/assets/"));
    const here = files.filter((url) => url.startsWith(baseURL));
    assert.ok(files.length > 10, `only ${files.length} files`);
    assert.match(here.join(" "), /^\S+\/assets\/integrity-\w+\.js$/, "only what they are held to");
    assert.ok(files.every((url) => here.includes(url) || url.startsWith(`${elsewhere}/assets/`)));

    const fresh = await newPage(browser);
    await fresh.route(late, (route) =>
      route.fulfill({
        headers: { "content-type": "text/javascript", "access-control-allow-origin": "*" },
        body: "window.changed = true; export const RegisterPage = () => null;",
      }),
    );
    await fresh.goto("/register");
    await fresh.getByRole("heading", { name: "This page has stopped working" }).waitFor();
    assert.equal(await fresh.evaluate(() => window.changed), undefined);
  } finally {
    await browser.close();
  }
});
