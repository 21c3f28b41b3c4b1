// What people expect of a chat: its conversations, its messages, its keyboard.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { assertSound, callAPI, launch, newPage } from "./browser.mjs";
import * as steps from "./steps.mjs";

let browser;
let page;
let state;

before(async () => {
  browser = await launch();
  const first = await newPage(browser);
  await steps.register(first);
  state = await first.context().storageState();
  await first.context().close();
});

beforeEach(async () => {
  const permissions = ["clipboard-read", "clipboard-write"];
  page = await newPage(browser, { permissions, storageState: state });
});

afterEach(async () => {
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

after(() => browser?.close());

/** A picture of one pixel. */
const dot =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** A PDF of one page with a line of text. */
function paper(line) {
  const drawn = `BT /F1 12 Tf 72 720 Td (${line}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
  ];
  let text = "%PDF-1.7\n";
  const places = objects.map((object, n) => {
    const at = text.length;
    text += `${n + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  const count = objects.length + 1;
  const table = `xref\n0 ${count}\n0000000000 65535 f \n${places.join("")}`;
  const end = `trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text + table + end, "latin1");
}

const list = () => page.getByRole("navigation", { name: "Conversations" });
const composer = () => page.getByRole("textbox", { name: "Message" });
const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

async function inMenu(item) {
  await page.getByRole("button", { name: "Actions for this conversation" }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

describe("conversations", () => {
  test("are put away and taken out again", async () => {
    await steps.ask(page, "Something for later");
    await steps.answered(page);
    await inMenu("Archive");
    const link = list().getByRole("link", { name: "Something for later" });
    await link.waitFor({ state: "detached" });
    await list().getByRole("button", { name: "Archived" }).click();
    await link.waitFor();
    await inMenu("Move out of the archive");
    await list().getByText("Conversations that you archive will be listed here.").waitFor();
    await list().getByRole("button", { name: "Back to conversations" }).click();
    await link.waitFor();
  });

  test("are deleted at once, and brought back whole", async () => {
    const id = await steps.ask(page, "Too good to lose");
    await steps.answered(page);
    await inMenu("Delete");
    await page.getByRole("button", { name: "Undo" }).waitFor();
    const gone = await callAPI(page, "GET", `/api/chat/conversations/${id}`);
    assert.equal(gone.status, 404);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("article", { name: "You" }).getByText("Too good to lose").waitFor();
    await list().getByRole("link", { name: "Too good to lose" }).waitFor();
  });

  test("are found by what was said in them", async () => {
    const id = await steps.ask(page, "Where does the lighthouse keeper sleep?");
    await steps.answered(page);
    await page.goto("/ide");
    await page.getByRole("heading", { name: "Workspaces" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("lighthouse");
    const hit = page.getByRole("option").filter({ has: page.locator("mark") });
    await hit.first().waitFor();
    assert.match(await hit.first().locator("mark").first().textContent(), /lighthouse/i);
    await assertSound(page, "the search");
    await hit.filter({ hasText: "sleep" }).last().click();
    await page.waitForURL(new RegExp(`/chat/${id}`));
    await page.getByRole("article", { name: "You" }).getByText("lighthouse keeper").waitFor();
  });

  test("are saved as Markdown and as JSON", async () => {
    await steps.ask(page, "Worth keeping");
    await steps.answered(page);
    for (const [item, check] of [
      ["Export as Markdown", (text) => assert.match(text, /^# Worth keeping\n\n## You, /)],
      ["Export as JSON", (text) => assert.equal(JSON.parse(text).messages.length, 2)],
    ]) {
      const download = page.waitForEvent("download");
      await inMenu(item);
      check(await readFile(await (await download).path(), "utf8"));
    }
  });

  test("are shared as a snapshot until their owner ends it", async () => {
    await steps.ask(page, "For everybody to read");
    await steps.answered(page);
    await inMenu("Share");
    await page.getByRole("button", { name: "Create link" }).click();
    const address = await page.getByLabel("Link", { exact: true }).inputValue();
    await page.getByRole("button", { name: "Copy link" }).click();
    assert.equal(await clipboard(), address);
    await assertSound(page, "the share dialog");

    const stranger = await newPage(browser);
    await stranger.goto(address);
    await stranger.getByRole("article", { name: "Question" }).getByText("For everybody").waitFor();
    await stranger.getByRole("article", { name: "Assistant" }).waitFor();
    await assertSound(stranger, "a shared conversation");
    await page.getByRole("button", { name: "Stop sharing" }).click();
    await page.getByText("The link no longer works").waitFor();
    await stranger.reload();
    await stranger.getByRole("heading", { name: "There is nothing here" }).waitFor();
    await stranger.context().close();
  });

  test("are named by a model, and listed by when they were", async () => {
    const id = await steps.ask(
      page,
      "What makes tides so high on some days, and so low on others?",
    );
    await steps.answered(page);
    const title = page.getByRole("heading", { level: 1 });
    const named = async () => (await callAPI(page, "GET", `/api/chat/conversations/${id}`)).body;
    while ((await named()).titleBy !== "ai") await page.waitForTimeout(200);
    const { title: given } = await named();
    await title.getByText(given, { exact: true }).waitFor();
    await list()
      .getByRole("region", { name: "Today" })
      .getByRole("link", { name: given })
      .waitFor();
  });

  test("have instructions of their own", async () => {
    const id = await steps.ask(page, "Hello");
    await steps.answered(page);
    await inMenu("Model and instructions");
    await page.getByRole("textbox", { name: "Instructions" }).fill("Answer in one word.");
    const { body: known } = await callAPI(page, "GET", "/api/ai/models");
    const [{ id: model }] = known.models;
    await page.getByRole("dialog").getByLabel("Model").selectOption(model);
    await assertSound(page, "the settings of a conversation");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved").waitFor();
    const { body } = await callAPI(page, "GET", `/api/chat/conversations/${id}`);
    assert.equal(body.systemPrompt, "Answer in one word.");
    assert.equal(body.model, model);
  });

  test("tell what they have taken", async () => {
    await steps.ask(page, "Hello");
    await steps.answered(page);
    await page.getByText(/^\d+ tokens · \$/).waitFor();
    await steps
      .lastAnswer(page)
      .getByText(/^\d+ in · \d+ out · \$/)
      .waitFor();
  });
});

describe("another tab", () => {
  test("shows what is asked and renamed in this one, as it happens", async () => {
    await steps.ask(page, "Hello");
    await steps.answered(page);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await steps.answers(other).first().waitFor();
    await composer().fill("Tell me a long story");
    await composer().press("Enter");
    await steps.answers(other).nth(1).waitFor();
    await steps.textLongerThan(steps.lastAnswer(other), 60);
    await other.getByRole("button", { name: "Stop" }).click();
    await page.getByText("You stopped this answer.").waitFor();

    await inMenu("Rename");
    await page.getByLabel("Title").fill("A name for both");
    await page.getByRole("button", { name: "Save" }).click();
    await other.getByRole("heading", { name: "A name for both", level: 1 }).waitFor();
  });

  test("shows what is pinned, branched, put away and deleted in this one", async () => {
    const id = await steps.ask(page, "Seen from two sides");
    await steps.answered(page);
    const other = await page.context().newPage();
    await other.goto(page.url());
    await steps.answers(other).first().waitFor();
    const there = other.getByRole("navigation", { name: "Conversations" });
    const link = there.locator(`a[href$="${id}"]`);
    await inMenu("Pin");
    await there.getByRole("region", { name: "Pinned" }).locator(`a[href$="${id}"]`).waitFor();

    await steps.lastAnswer(page).getByRole("button", { name: "Regenerate answer" }).click();
    await other.getByText("Version 2 of 2").waitFor({ state: "attached" });
    await steps.answered(page);
    await page.getByRole("button", { name: "Previous version" }).click();
    await other.getByText("Version 1 of 2").waitFor({ state: "attached" });

    await inMenu("Archive");
    await link.waitFor({ state: "detached" });
    await inMenu("Move out of the archive");
    await link.waitFor();
    await inMenu("Delete");
    await link.waitFor({ state: "detached" });
    await other.getByRole("heading", { name: "There is nothing here" }).waitFor();
  });
});

describe("prompts", () => {
  test("are kept, and used with a slash", async () => {
    await page.goto("/chat");
    await page.getByRole("button", { name: "Insert a prompt" }).click();
    await page.getByRole("button", { name: "Manage prompts…" }).click();
    await page.getByRole("button", { name: "New prompt" }).click();
    await page.getByLabel("Name", { exact: true }).fill("review");
    await page.getByLabel("Prompt", { exact: true }).fill("Review this code carefully:");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Edit review" }).waitFor();
    await assertSound(page, "the prompts");
    await page.getByRole("button", { name: "Close" }).click();
    await composer().pressSequentially("/rev");
    await page.getByRole("option", { name: /review/ }).waitFor();
    await assertSound(page, "the list of prompts");
    await composer().press("Enter");
    assert.equal(await composer().inputValue(), "Review this code carefully:");
  });
});

describe("messages", () => {
  test("are copied, and answered once more", async () => {
    await steps.ask(page, "Say something");
    await steps.answered(page);
    await steps.lastAnswer(page).getByRole("button", { name: "Copy message" }).click();
    assert.ok((await clipboard()).length > 10);
    await steps.lastAnswer(page).getByRole("button", { name: "Regenerate answer" }).click();
    await page.getByText("Version 2 of 2").waitFor({ state: "attached" });
    await steps.answered(page);
    await page.getByRole("button", { name: "Previous version" }).click();
    await page.getByText("Version 1 of 2").waitFor({ state: "attached" });
  });

  test("that are not taken go back to where they were typed", async () => {
    await steps.ask(page, "First");
    await steps.answered(page);
    await page.route("**/api/chat/conversations/*/messages", (route) => {
      if (route.request().method() !== "POST") return route.fallback();
      const error = { code: 429, status: "", reason: "QUOTA_EXCEEDED", message: "Used up." };
      const metadata = { resetsAt: "2030-01-01T00:00:00Z" };
      return route.fulfill({ status: 429, json: { error: { ...error, metadata } } });
    });
    await composer().fill("One too many");
    await composer().press("Enter");
    const refusal = page.getByRole("alert");
    await refusal.getByText("Used up.").waitFor();
    await refusal.getByText(/starts again on/).waitFor();
    assert.equal(await composer().inputValue(), "One too many");
  });

  test("are warned of before the month's tokens end", async () => {
    await page.goto("/chat");
    const { body: usage } = await callAPI(page, "GET", "/api/users/me/usage");
    usage.aiTokens = { ...usage.aiTokens, used: "90", limit: "100" };
    await page.route("**/api/users/me/usage", (route) => route.fulfill({ json: usage }));
    await page.reload();
    await page.getByText("10 of this month's 100 tokens are left.").waitFor();
    await assertSound(page, "the warning before the quota");
  });

  test("are told of to a screen reader once, at the end of the answer", async () => {
    await page.addInitScript(() => {
      window.said = [];
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement;
          const region = element?.closest("[aria-label=Announcements]");
          if (region?.textContent) window.said.push(region.textContent);
        }
      }).observe(document, { childList: true, characterData: true, subtree: true });
    });
    await steps.ask(page, "Tell me a long story");
    await steps.textLongerThan(steps.lastAnswer(page), 60);
    await page.keyboard.press("Escape");
    await page.getByText("The answer was stopped.").waitFor({ state: "attached" });
    const said = await page.evaluate(() => [...new Set(window.said)]);
    assert.deepEqual(said.filter(Boolean), ["The answer was stopped."]);
  });
});

describe("files", () => {
  const tray = () => page.getByRole("list", { name: "Attached files" });
  const file = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

  /** Lets go of a file over the page, or pastes it, as the desktop would. */
  const give = (kind, name, text) =>
    page.evaluate(
      ([type, called, content]) => {
        const data = new DataTransfer();
        data.items.add(new File([content], called, { type: "text/plain" }));
        const init = { bubbles: true, cancelable: true };
        const target = document.querySelector("textarea");
        if (type === "paste") {
          target.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: data }));
          return;
        }
        target.dispatchEvent(new DragEvent("dragenter", { ...init, dataTransfer: data }));
        target.dispatchEvent(new DragEvent(type, { ...init, dataTransfer: data }));
      },
      [kind, name, text],
    );

  test("come by button, drop and paste, and go with the message", async () => {
    await page.goto("/chat");
    await composer().waitFor();
    const button = page.getByRole("button", { name: "Attach files (up to 10, 10 MB each)" });
    const chooser = page.waitForEvent("filechooser");
    await button.click();
    await (await chooser).setFiles([file("button.txt", "by button"), file("extra.txt", "extra")]);
    await give("dragover", "dropped.txt", "by drop");
    await page.getByText("Drop files to attach them").waitFor();
    await give("drop", "dropped.txt", "by drop");
    await give("paste", "pasted.txt", "by paste");
    await page.getByRole("button", { name: "Remove extra.txt" }).click();
    for (const name of ["button.txt", "dropped.txt", "pasted.txt"])
      await tray().getByRole("listitem").filter({ hasText: name }).getByText("bytes").waitFor();
    await assertSound(page, "files to send");
    await composer().fill("What is in these?");
    await composer().press("Enter");
    await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
    await steps.answered(page);
    const sent = page.getByRole("article", { name: "You" }).getByRole("listitem");
    assert.deepEqual(
      (await sent.allTextContents()).map((text) => text.replace(/\.txt.*/, "")),
      ["button", "dropped", "pasted"],
    );
    const address = await sent.first().getByRole("link").getAttribute("href");
    const kept = await page.evaluate((url) => fetch(url).then((r) => r.text()), address);
    assert.equal(kept, "by button");
    await page.reload();
    await sent.nth(2).waitFor();
  });

  test("are shown as pictures, and read where they are PDFs", async () => {
    await page.goto("/chat");
    const input = page.getByTestId("attach");
    await input.setInputFiles([
      { name: "dot.png", mimeType: "image/png", buffer: Buffer.from(dot, "base64") },
      { name: "tides.pdf", mimeType: "application/pdf", buffer: paper("High water at noon") },
    ]);
    await tray()
      .getByRole("listitem")
      .filter({ hasText: "tides.pdf" })
      .getByText("bytes")
      .waitFor();
    await composer().fill("What do you see?");
    await composer().press("Enter");
    await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
    await steps.answered(page);
    const picture = page
      .getByRole("article", { name: "You" })
      .getByRole("img", { name: "dot.png" });
    await picture.waitFor();
    await page.waitForFunction(() => document.querySelector("article img")?.naturalWidth === 1);
    await page.getByRole("link", { name: /tides\.pdf/ }).waitFor();
    await assertSound(page, "files that were sent");
    assert.match(await steps.textOf(steps.lastAnswer(page)), /an image \(image\/png/);
    const path = `/api/chat/conversations/${page.url().split("/").at(-1)}/messages`;
    const { body } = await callAPI(page, "GET", path);
    const kinds = body.messages[0].attachments.map(({ kind }) => kind);
    assert.deepEqual(kinds, ["image", "pdf"]);
  });

  test("that can't be taken are refused with the reason", async () => {
    await page.goto("/chat");
    const input = page.getByTestId("attach");
    const refusal = (name) =>
      tray().getByRole("listitem").filter({ hasText: name }).getByRole("alert");
    await input.setInputFiles([
      file("huge.txt", "x".repeat(10 * 1024 * 1024 + 1)),
      file("empty.txt", ""),
      { name: "program.bin", mimeType: "text/plain", buffer: Buffer.from([0, 1, 2, 255, 254]) },
    ]);
    await refusal("huge.txt").getByText("This is larger than the 10 MB").waitFor();
    await refusal("empty.txt").getByText("This file is empty.").waitFor();
    assert.match(await refusal("program.bin").textContent(), /text|image|PDF/i);
    await composer().fill("Look at this");
    assert.equal(
      await page.getByRole("button", { name: "Send" }).getAttribute("aria-disabled"),
      "true",
      "what is refused is not left out unseen",
    );
    await input.setInputFiles(Array.from({ length: 8 }, (_, n) => file(`part-${n}.txt`, "part")));
    await refusal("part-7.txt").getByText("A message can have 10 files at most.").waitFor();
    await assertSound(page, "refused files");
  });
});

describe("typing", () => {
  test("breaks lines, edits the last question, and survives a reload", async () => {
    await steps.ask(page, "Original");
    await steps.answered(page);
    await composer().press("ArrowUp");
    await page.getByRole("textbox", { name: "Edit your message" }).press("Escape");
    await composer().click();
    await composer().pressSequentially("half a");
    await composer().press("Shift+Enter");
    await composer().pressSequentially("thought");
    await page.reload();
    await page.getByRole("article", { name: "You" }).waitFor();
    assert.equal(await composer().inputValue(), "half a\nthought");
  });
});

describe("a lost connection", () => {
  test("is told, and the answer goes on by itself", async () => {
    await steps.ask(page, "Tell me a long story");
    const early = await steps.textLongerThan(steps.lastAnswer(page), 40);
    await page.context().setOffline(true);
    await page.getByText("You are offline.").waitFor();
    await page.context().setOffline(false);
    await page.getByText("You are offline.").waitFor({ state: "detached" });
    const more = await steps.textLongerThan(steps.lastAnswer(page), early.length + 40);
    assert.ok(more.startsWith(early));
  });
});
