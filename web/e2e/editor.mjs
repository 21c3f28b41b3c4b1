// VS Code as it stands in a workspace's page.

/** The editor's frame, once its workbench is there. */
export async function openEditor(page, name) {
  const editor = page.frameLocator(`iframe[title="VS Code: ${name}"]`);
  await explorer(editor).waitFor({ timeout: 90_000 });
  return editor;
}

export function explorer(editor) {
  return editor.getByRole("tree", { name: "Files Explorer" });
}

export function fileInExplorer(editor, name) {
  return explorer(editor).getByRole("treeitem", { name });
}

/**
 * Runs a command of the editor by its name in the command palette. A command
 * about what has the focus must leave it there.
 */
export async function runCommand(page, editor, command, { focused = false } = {}) {
  if (!focused) await editor.locator(".monaco-workbench").click({ position: { x: 600, y: 300 } });
  await page.keyboard.press("F1");
  const input = editor.locator(".quick-input-widget input[type=text]");
  await input.waitFor();
  await input.fill(`>${command}`);
  await editor.getByRole("option", { name: command }).first().waitFor();
  await page.keyboard.press("Enter");
}

/** Opens a terminal and types a line into its shell. */
export async function runInTerminal(page, editor, line) {
  await runCommand(page, editor, "Terminal: Create New Terminal");
  const terminal = editor.locator(".terminal.xterm").last();
  await terminal.waitFor({ timeout: 30_000 });
  await terminal.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type(line, { delay: 20 });
  await page.keyboard.press("Enter");
}
