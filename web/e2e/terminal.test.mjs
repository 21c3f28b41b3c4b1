import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, callAPI, launch, looks, newPage } from "./browser.mjs";
import { register } from "./steps.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function prompt(page) {
  await page.locator(".xterm-rows").getByText("$", { exact: false }).first().waitFor();
}

async function type(page, line) {
  await page.getByRole("textbox", { name: /Terminal/ }).focus();
  await page.keyboard.type(`${line}\n`);
}

/** Runs in the page: opens terminals until the workspace has no more. */
async function fillWithTerminals(id) {
  for (let made = 0; made < 100; made++) {
    const { origin } = new URL(location.href.replace("http", "ws"));
    const path = `/ide/ws/workspaces/${id}/terminal?session=more-${made}&refusal=close`;
    const socket = new WebSocket(origin + path);
    const full = await new Promise((resolve) => {
      socket.onmessage = () => resolve(false);
      socket.onclose = () => resolve(true);
    });
    socket.close();
    if (full) return;
  }
}

const shows = (page, text) => page.locator(".xterm-rows").getByText(text).first().waitFor();

test("a terminal goes on without its page", async () => {
  const page = await newPage(browser);
  await register(page);
  const made = await callAPI(page, "POST", "/api/ide/workspaces", { name: "shell" });
  const { id } = made.body;
  await page.goto(`/ide/workspace/${id}/terminal`);
  await page.getByRole("button", { name: "Start" }).click();
  await prompt(page);
  await type(page, "export WORD=kept; echo said-$((40+2))");
  await shows(page, "said-42");
  await page.reload();
  await shows(page, "said-42");
  await type(page, "echo still-$WORD");
  await shows(page, "still-kept");

  for (const look of looks) {
    await page.setViewportSize(look.viewport);
    await page.emulateMedia({ colorScheme: look.colorScheme });
    await assertSound(page, `the terminal at ${look.viewport.width}, ${look.colorScheme}`);
    const name = `terminal-${look.viewport.width}-${look.colorScheme}`;
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
  }

  // Files of running workspaces are found from anywhere, and open in the editor.
  await type(page, "echo light > lighthouse-notes.txt; echo written-$((1+1))");
  await shows(page, "written-2");
  const finder = await page.context().newPage();
  await finder.goto("/ide");
  await finder.getByRole("button", { name: /^Search/ }).click();
  await finder.getByRole("combobox", { name: /^Search/ }).fill("lighthouse-no");
  const files = finder.getByRole("group", { name: "Files of running workspaces" });
  await files.getByRole("option", { name: /lighthouse-notes\.txt/ }).click();
  await finder.waitForURL(/\/ide\/workspace\/[0-9a-f-]{36}\?file=[^&]*lighthouse-notes\.txt/);
  await finder.close();

  // One more than there may be is told why at once, and not that anything is lost.
  const refused = await page.context().newPage();
  const said = [];
  await refused.exposeFunction("said", (text) => said.push(text));
  await refused.addInitScript(() => {
    const look = () => {
      const text = document.querySelector("[role=status]")?.textContent;
      if (text) window.said(text);
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  });
  await page.evaluate(fillWithTerminals, id);
  await refused.goto(`/ide/workspace/${id}/terminal?session=one-more`);
  await refused.getByText("as many terminals as it may").waitFor();
  assert.deepEqual(
    said.filter((text) => !text.includes("as many terminals as it may")),
    [],
  );
  await refused.close();

  // Another window takes over, and says so here.
  const other = await page.context().newPage();
  await other.goto(`/ide/workspace/${id}/terminal`);
  await shows(other, "still-kept");
  await page.getByText("opened somewhere else").waitFor();
  await page.getByRole("button", { name: "Connect again" }).click();
  await shows(page, "still-kept");
  await type(page, "exit 5");
  await page.getByText("ended with code 5").waitFor();
  assert.deepEqual(page.faults, []);
  await callAPI(page, "POST", `/api/ide/workspaces/${id}/stop`, {});
});
