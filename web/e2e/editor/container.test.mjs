// AI inside VS Code in a container, which has no network but a way out of the
// platform's: ATRIUM_ISOLATION=docker (or gvisor) tools/journey.sh editor container
import { after, before, test } from "node:test";
import { runCommand } from "../editor.mjs";
import { chatIn, ghost, openFile, runOnAll } from "./code.mjs";
import { willAnswer } from "./fake.mjs";
import { openWorkspace, picture } from "./open.mjs";

const isolation = process.env.ATRIUM_ISOLATION ?? "directory";
const options = {
  timeout: 120_000,
  skip: isolation === "directory" && "the other tests are about this class of isolation",
};
const names = { docker: "Container", gvisor: "gVisor sandbox" };
let work;

before(
  async () => {
    if (!options.skip) work = await openWorkspace("contained");
  },
  { timeout: 300_000 },
);
after(() => work?.browser.close());

test(
  "suggestions, explanations and chat come through the workspace's way out",
  options,
  async (context) => {
    const { page, editor, put, saved } = work;
    await page.getByText(names[isolation]).first().waitFor({ state: "attached" });
    await put("inside.py", "def add(a, b):\n");
    await openFile(page, editor, "inside.py", "2:1");
    await willAnswer("return a + b");
    await page.keyboard.type("    ");
    await ghost(editor).waitFor();
    await page.keyboard.press("Tab");
    await saved("inside.py", (text) => text.endsWith("    return a + b"));

    await willAnswer("It adds two numbers.");
    await runOnAll(page, editor, "Atrium: Explain");
    await editor.locator(".review-widget").getByText("It adds two numbers.").waitFor();

    await runCommand(page, editor, "Atrium: Ask in Chat", { focused: true });
    await willAnswer("The file **adds**.");
    const chat = chatIn(editor);
    await chat.getByRole("textbox", { name: "Message" }).fill("What does it do?");
    await page.keyboard.press("Enter");
    await chat.locator("strong").getByText("adds").waitFor();
    await picture(page, context);
  },
);

test("a file from the chat beside it opens in this window", options, async () => {
  const { page, editor, id, put } = work;
  await put("shown.py", "# one\n# two\n");
  const shown = await page.evaluate(async (workspace) => {
    const response = await fetch(`/api/ide/workspaces/${workspace}/windows/requests`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ path: "shown.py", line: 2 }),
    });
    return (await response.json()).shown;
  }, id);
  if (!shown) throw new Error("no window has taken the request");
  await editor.getByRole("tab", { name: "shown.py", selected: true }).waitFor();
  await editor.getByText("Ln 2, Col 1").waitFor();
});
