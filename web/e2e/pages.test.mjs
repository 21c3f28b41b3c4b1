// Every page, in both themes and both widths: axe finds nothing, nothing
// scrolls sideways, and the small promises of the forms and lists hold.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  assertAccessible,
  assertSound,
  baseURL,
  callAPI,
  launch,
  looks,
  newPage,
  opens,
} from "./browser.mjs";
import * as steps from "./steps.mjs";

let browser;
let state;
let shared;

before(async () => {
  browser = await launch();
  const page = await newPage(browser);
  await steps.register(page);
  await steps.ask(page, "Explain this:\n\n```go\nfunc main() {}\n```");
  await steps.answered(page);
  await callAPI(page, "POST", "/api/ide/workspaces", { name: "resting" });
  const conversation = await firstOf(page, "/api/chat/conversations", "conversations");
  const share = await callAPI(page, "POST", `/api/chat/conversations/${conversation}/share`, {});
  shared = share.body.token;
  state = await page.context().storageState();
  await page.context().close();
});

after(() => browser?.close());

async function firstOf(page, path, list) {
  const { body } = await callAPI(page, "GET", path);
  return body[list][0].id;
}

const open = {
  "/": "Think in a chat",
  "/login": "Welcome back",
  "/register": "Create your account",
  "/forgot": "Forgot your password?",
  "/reset": "Set a new password",
  "/nowhere": "There is nothing here",
};

const own = {
  "/": "Hello",
  "/chat": "What shall we work on?",
  "/ide": "Workspaces",
  "/settings": "Settings",
  "/nowhere": "There is nothing here",
};

test("a browser that asks for German gets it, and the settings have the last word", async () => {
  const page = await newPage(browser, {
    storageState: state,
    locale: "de-DE",
    viewport: { width: 375, height: 740 },
  });
  for (const [path, heading] of Object.entries({
    "/": "Hallo",
    "/chat": "Woran arbeiten wir?",
    "/ide": "Arbeitsbereiche",
    "/settings": "Einstellungen",
  })) {
    await page.goto(path);
    await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
    await page.waitForLoadState("networkidle");
    await assertSound(page, `${path} (German)`);
  }
  await page.getByRole("radio", { name: "English" }).check();
  await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.context().close();

  const visitor = await newPage(browser, { locale: "de-DE" });
  await visitor.goto("/login");
  await visitor.getByLabel("E-Mail oder Benutzername").fill("niemand");
  await visitor.getByLabel("Passwort", { exact: true }).fill("ein falsches Passwort");
  await visitor.getByRole("button", { name: "Anmelden", exact: true }).click();
  await visitor.getByText("Der Benutzername oder das Passwort ist falsch.").waitFor();
  await visitor.context().close();
});

for (const look of looks) {
  const label = `${look.colorScheme}, ${look.viewport.width} px`;
  const traced = look === looks[0]; // the work is the same in each

  test(`pages of a visitor (${label})`, async () => {
    const page = await newPage(browser, look);
    for (const [path, heading] of Object.entries(open)) {
      await opens(
        page,
        `${path} (${label})`,
        async () => {
          await page.goto(path);
          await page.getByRole("heading", { name: heading }).waitFor();
          await page.waitForLoadState("networkidle");
        },
        { traced },
      );
      await assertSound(page, `${path} (${label})`);
    }
    await page.goto("/api/docs");
    await page.getByText("AuthService", { exact: true }).waitFor();
    await assertSound(page, `/api/docs (${label})`);
    await page
      .getByRole("button", { name: /admin\/plans\/effect/ })
      .first()
      .click();
    await page.getByText("Parameters", { exact: true }).waitFor();
    await assertSound(page, `an operation of /api/docs (${label})`);
    if (traced) {
      const dark = page.locator("html.dark-mode[data-theme=dark]");
      assert.equal(await dark.count(), 0);
      await page.emulateMedia({ colorScheme: "dark" });
      await dark.waitFor();
      await page.emulateMedia({ colorScheme: look.colorScheme });
    }
    await page.goto(`/share/${shared}`);
    await page.getByRole("article", { name: "Assistant" }).waitFor();
    await assertSound(page, `a shared conversation (${label})`);
    await page.context().close();
  });

  test(`pages of a user (${label})`, async () => {
    const page = await newPage(browser, { ...look, storageState: state });
    for (const [path, heading] of Object.entries(own)) {
      await opens(
        page,
        `${path} (${label})`,
        async () => {
          await page.goto(path);
          await page.getByRole("heading", { name: heading, level: 1 }).waitFor();
          await page.waitForLoadState("networkidle");
        },
        { traced },
      );
      await assertSound(page, `${path} (${label})`);
    }
    const conversation = await firstOf(page, "/api/chat/conversations", "conversations");
    await opens(
      page,
      `a conversation (${label})`,
      async () => {
        await page.goto(`/chat/${conversation}`);
        await page.getByRole("button", { name: "Copy message" }).last().waitFor();
      },
      { traced },
    );
    await assertSound(page, `a conversation (${label})`);
    const workspace = await firstOf(page, "/api/ide/workspaces", "workspaces");
    await opens(
      page,
      `a workspace (${label})`,
      async () => {
        await page.goto(`/ide/workspace/${workspace}`);
        await page.getByRole("heading", { name: "resting is stopped" }).waitFor();
      },
      { traced },
    );
    await assertSound(page, `a workspace (${label})`);
    await page.goto(`/ide/workspace/${workspace}/port/3000`);
    await page.getByRole("heading", { name: "Port 3000" }).waitFor();
    await assertSound(page, `a shared port (${label})`);
    await page.context().close();
  });
}

describe("signing in", () => {
  test("leads back to where one was going, and to no other site", async () => {
    const page = await newPage(browser);
    const name = await steps.register(page);
    await page.getByRole("button", { name: "Account menu" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Think in a chat" }).waitFor();

    for (const [next, expected] of [
      ["/settings", "/settings"],
      ["//evil.example/", "/"],
      ["/\\evil.example/", "/"],
      ["/.//evil.example/", "/"],
      ["https://evil.example/", "/"],
    ]) {
      await page.context().clearCookies();
      await page.goto(`/login?next=${encodeURIComponent(next)}`);
      await page.getByLabel("E-mail or username").fill(name);
      await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Account menu" }).waitFor();
      await page.waitForURL(baseURL + expected);
    }
    await page.context().close();
  });

  test("says what is wrong, with the id of the request", async () => {
    const page = await newPage(browser);
    await page.goto("/login");
    await page.getByLabel("E-mail or username").fill("nobody");
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.match(await alert.textContent(), /Request [0-9a-f-]{10}/);
    await assertAccessible(page, "a refused sign-in");
    await page.context().close();
  });
});

describe("conversations", () => {
  test("are renamed, pinned, deleted and brought back", async () => {
    const page = await newPage(browser);
    await steps.register(page);
    await steps.ask(page, "Hello there");
    await steps.answered(page);
    const list = page.getByRole("navigation", { name: "Conversations" });
    const act = async (item) => {
      await list
        .getByRole("button", { name: /^Actions for/ })
        .first()
        .click();
      await page.getByRole("menuitem", { name: item }).click();
    };

    await act("Rename");
    await page.getByLabel("Title").fill("A quiet title");
    await page.getByRole("button", { name: "Save" }).click();
    const link = list.getByRole("link", { name: "A quiet title" });
    await link.waitFor();
    await act("Pin");
    await list.getByRole("heading", { name: "Pinned" }).waitFor();

    await act("Delete");
    await link.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await link.waitFor();
    await page.context().close();
  });

  test("branch when a question is edited", async () => {
    const page = await newPage(browser);
    await steps.register(page);
    await steps.ask(page, "First wording");
    await steps.answered(page);
    await page.getByRole("article", { name: "You" }).hover();
    await page.getByRole("button", { name: "Edit message" }).click();
    await page.getByRole("textbox", { name: "Edit your message" }).fill("Second wording");
    await page.getByRole("button", { name: "Send as new branch" }).click();
    await page.getByText("Version 2 of 2").waitFor({ state: "attached" });
    await steps.answered(page);
    await page.getByRole("button", { name: "Previous version" }).first().click();
    const question = page.getByRole("article", { name: "You" });
    await question.getByText("First wording").waitFor();
    await page.reload();
    await question.getByText("First wording").waitFor();
    await page.context().close();
  });

  test("stop with Escape, and keep what was written", async () => {
    const page = await newPage(browser, { storageState: state });
    await steps.ask(page, "Tell me a long story");
    await steps.textLongerThan(steps.lastAnswer(page), 60);
    await page.keyboard.press("Escape");
    await page.getByText("You stopped this answer.").waitFor();
    assert.ok((await steps.textOf(steps.lastAnswer(page))).length > 60);
    await page.context().close();
  });
});
