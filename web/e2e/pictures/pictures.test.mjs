// Makes the pictures of the documentation. What is in them is real but for the model.
import { after, before, test } from "node:test";
import { callAPI, launch, newPage } from "../browser.mjs";
import { openFile } from "../editor/code.mjs";
import { willAnswer } from "../editor/fake.mjs";
import { openEditor, runInTerminal } from "../editor.mjs";
import * as steps from "../steps.mjs";

const folder = new URL("../../../docs/images/", import.meta.url).pathname;
const patience = { timeout: 180_000 };
let browser;
let page;

before(async () => {
  browser = await launch();
  page = await newPage(browser, { viewport: { width: 1400, height: 860 }, deviceScaleFactor: 1 });
  page.setDefaultTimeout(60_000);
  await steps.register(page, "ada");
});
after(() => browser?.close());

const picture = (name) => page.screenshot({ path: `${folder}${name}.png`, animations: "disabled" });

const collisions = `Two keys **collide** when their hashes name the same bucket. There are two common ways out:

- *Chaining*: each bucket holds a list of its entries. A lookup compares the keys in one list.
- *Open addressing*: the entry goes to the next free bucket, so everything stays in one array.

\`\`\`go
func (m *Map) Get(key string) (int, bool) {
	for _, e := range m.buckets[hash(key)%len(m.buckets)] {
		if e.key == key {
			return e.value, true
		}
	}
	return 0, false
}
\`\`\`

Both stay quick while the map grows before it is full.`;

test("chat", patience, async () => {
  await willAnswer(collisions);
  const id = await steps.ask(page, "How does a hash map handle collisions?");
  await steps.lastAnswer(page).getByText("before it is full").waitFor();
  await steps.answered(page);
  await callAPI(page, "PATCH", `/api/chat/conversations/${id}`, { title: "Hash map collisions" });
  await page.reload();
  await steps.lastAnswer(page).locator("pre span").first().waitFor();
  await page.waitForTimeout(1_500); // colours come after
  await picture("chat");
});

test("workspace", patience, async () => {
  const { body } = await callAPI(page, "POST", "/api/ide/workspaces", {
    name: "greeter",
    template: "go",
  });
  await callAPI(page, "POST", `/api/ide/workspaces/${body.id}/start`, {});
  await page.goto(`/ide/workspace/${body.id}`);
  const editor = await openEditor(page, "greeter");
  await editor.getByRole("button", { name: /^Atrium/ }).waitFor();
  await runInTerminal(page, editor, "ls");
  await page.getByRole("button", { name: "Chat beside the editor" }).click();
  const panel = page.getByRole("region", { name: "Chat", exact: true });
  await willAnswer(
    '`greeting` falls back to *world* when no name is given. A test for that:\n\n```go\nfunc TestNobody(t *testing.T) {\n\tif got := greeting(""); got != "Hello, world!" {\n\t\tt.Errorf("got %q", got)\n\t}\n}\n```\n',
  );
  await panel
    .getByRole("textbox", { name: "Message" })
    .fill("What does greeting do without a name?");
  await panel.getByRole("textbox", { name: "Message" }).press("Enter");
  await steps.lastAnswer(panel).getByText("TestNobody").waitFor();
  await steps.answered(panel);
  const { body: list } = await callAPI(page, "GET", "/api/chat/conversations");
  const url = `/api/chat/conversations/${list.conversations[0].id}`;
  await callAPI(page, "PATCH", url, { title: "Greeting without a name" });
  await openFile(page, editor, "main.go", "13:2");
  await willAnswer('func farewell(name string) string {\n\treturn "Goodbye, " + name + "!"\n}');
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await editor.getByText("farewell").first().waitFor();
  await page.waitForTimeout(2_000); // titles and the terminal settle
  await picture("workspace");
});
