// What a person does on the platform, by the names that they would use.
import { randomBytes } from "node:crypto";

/** Registers somebody new and leaves the page signed in. */
export async function register(page, name = `user-${randomBytes(4).toString("hex")}`) {
  await page.goto("/register");
  await page.getByLabel("E-mail").fill(`${name}@example.org`);
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("button", { name: "Account menu" }).waitFor();
  return name;
}

/** Enters the login and the password; what follows is the caller's to wait for. */
export async function signIn(page, login, password = "correct horse battery") {
  await page.goto("/login");
  await page.getByLabel("E-mail or username").fill(login);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export async function signOut(page) {
  await page.getByRole("button", { name: "Account menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Think in a chat" }).waitFor();
}

/** Asks in a new conversation; resolves with its id once the address names it. */
export async function ask(page, question) {
  await page.goto("/chat");
  const composer = page.getByRole("textbox", { name: "Message" });
  await composer.fill(question);
  await composer.press("Enter");
  await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
  return page.url().split("/").at(-1);
}

export function answers(page) {
  return page.getByRole("article", { name: "Assistant" });
}

export function lastAnswer(page) {
  return answers(page).last();
}

/** The text of an answer. How its Markdown is set must not matter, so space is one space. */
export async function textOf(answer) {
  // biome-ignore lint/performance/useDomNodeTextContent: blocks are set apart as they are shown.
  return (await answer.innerText()).replace(/\s+/g, " ").trim();
}

/** Resolves with an answer's text once it is longer than the given length. */
export async function textLongerThan(answer, length) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const text = await textOf(answer);
    if (text.length > length) return text;
    if (Date.now() > deadline) throw new Error(`the answer stays at ${text.length} characters`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until nothing is being written: Stop has become Send again. */
export async function answered(page, timeout = 120_000) {
  await page.getByRole("button", { name: "Send" }).waitFor({ timeout });
}

/** Creates a workspace and leaves the page on it; resolves with its id. */
export async function createWorkspace(page, name) {
  await page.goto("/ide");
  await page.getByRole("button", { name: "New workspace" }).click();
  const dialog = page.getByRole("dialog", { name: "New workspace" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Create and open" }).click();
  await page.waitForURL(/\/ide\/workspace\/[0-9a-f-]{36}$/);
  return page.url().split("/").at(-1);
}
