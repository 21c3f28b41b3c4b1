// What a person does with files and commands in the editor.
import { explorer, fileInExplorer, runCommand } from "../editor.mjs";

/** Puts a file into the workspace over the platform's API. */
export async function writeFile(page, workspaceId, path, text) {
  const status = await page.evaluate(
    async ([id, name, body]) => {
      const query = new URLSearchParams({ path: name });
      const url = `/api/ide/workspaces/${id}/files/content?${query}`;
      return (await fetch(url, { method: "PUT", body })).status;
    },
    [workspaceId, path, text],
  );
  if (status !== 200) throw new Error(`PUT ${path}: ${status}`);
}

export async function readFile(page, workspaceId, path) {
  return await page.evaluate(
    async ([id, name]) => {
      const query = new URLSearchParams({ path: name });
      const response = await fetch(`/api/ide/workspaces/${id}/files/content?${query}`);
      return response.ok ? await response.text() : undefined;
    },
    [workspaceId, path],
  );
}

/** Opens a file of the project's folder, with the cursor where it is told; resolves with its lines. */
export async function openFile(page, editor, name, place) {
  if (!(await explorer(editor).isVisible())) await page.keyboard.press("Control+Shift+E");
  await fileInExplorer(editor, name).dblclick();
  await editor.getByRole("tab", { name, selected: true }).waitFor();
  const code = codeIn(editor);
  await code.click();
  if (place) {
    await page.keyboard.press("Control+g");
    const input = editor.locator(".quick-input-widget input[type=text]");
    await input.waitFor();
    await input.fill(`:${place}`);
    await page.keyboard.press("Enter");
    await input.waitFor({ state: "hidden" });
    await editor.locator(".monaco-editor.focused").waitFor();
  }
  return code;
}

/** The lines of the editor in front. */
export function codeIn(editor) {
  return editor.locator(".editor-instance .monaco-editor .view-lines").first();
}

/** The text that is suggested at the cursor. */
export function ghost(editor) {
  return editor
    .locator(".ghost-text-decoration, .ghost-text, .ghost-text-decoration-preview")
    .first();
}

/** Selects everything in the editor in front and runs a command on it. */
export async function runOnAll(page, editor, command) {
  await codeIn(editor).click();
  await page.keyboard.press("Control+a");
  await runCommand(page, editor, command, { focused: true });
}

/** A button in the bar above an editor. */
export function titleButton(editor, name) {
  return editor.locator(".editor-actions").getByRole("button", { name });
}

/** A message in the corner. */
export function notice(editor, text) {
  return editor.locator(".notification-toast").filter({ hasText: text }).first();
}

/** The chat's view, which is a frame in a frame. */
export function chatIn(editor) {
  return editor.frameLocator("iframe.webview").frameLocator("#active-frame");
}
