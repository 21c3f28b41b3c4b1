// VS Code as it stands in a workspace's page.

/** The editor's frame, once its workbench is there. */
export async function openEditor(page, name) {
  const editor = page.frameLocator(`iframe[title="VS Code: ${name}"]`);
  await shows(page, explorer(editor).waitFor({ timeout: 90_000 }));
  return editor;
}

/** Waits; a failure says what is in the page and its frames, which no log does. */
export async function shows(page, waiting) {
  try {
    return await waiting;
  } catch (error) {
    for (const frame of page.frames()) {
      // biome-ignore lint/performance/useDomNodeTextContent: scripts are not shown.
      const text = await frame.locator("body").innerText({ timeout: 2000 }).catch(String);
      error.message += `\n${frame.url().split("?")[0]} shows: ${text.replace(/\s+/g, " ").slice(0, 600)}`;
    }
    throw error;
  }
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
  await shows(page, terminal.waitFor({ timeout: 30_000 }));
  const input = terminal.locator(".xterm-helper-textarea");
  // What is still being opened may take the focus again.
  for (let held = 0; held < 3; ) {
    await input.focus();
    await page.waitForTimeout(100);
    held = (await input.evaluate((node) => node === document.activeElement)) ? held + 1 : 0;
  }
  await page.keyboard.type(line, { delay: 20 });
  await page.keyboard.press("Enter");
}
