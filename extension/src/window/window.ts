import { isAbsolute, join, normalize } from 'node:path';
import * as vscode from 'vscode';
import type { Openings } from './opened.ts';
import type { Request, Window } from './requests.ts';

/** How long a page that is there may take to answer, in milliseconds. */
const patience = 500;

/** This window of VS Code. */
export const thisWindow: Window = {
  focused: () => vscode.window.state.focused,
  alive: () =>
    Promise.race([
      // Contexts are the page's: setting one takes a word from there.
      Promise.resolve(vscode.commands.executeCommand('setContext', 'atrium.window', true)).then(
        () => true,
      ),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), patience)),
    ]),
  show,
  wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Counts the files whose tabs are opened in this window. */
export function countOpened(openings: Openings): vscode.Disposable {
  return vscode.window.tabGroups.onDidChangeTabs(({ opened }) =>
    openings.add(opened.filter(({ input }) => fileOf(input)?.scheme === 'file').length),
  );
}

function fileOf(input: unknown): vscode.Uri | undefined {
  if (
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook
  ) {
    return input.uri;
  }
  return undefined;
}

async function show({ path, line, column }: Request): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  const within = normalize(path);
  if (!folder || isAbsolute(within) || within.startsWith('..')) return;
  const place = new vscode.Position(Math.max(line, 1) - 1, Math.max(column, 1) - 1);
  try {
    const document = await vscode.workspace.openTextDocument(
      vscode.Uri.file(join(folder.uri.fsPath, within)),
    );
    await vscode.window.showTextDocument(document, {
      preview: false,
      selection: new vscode.Range(place, place),
    });
  } catch {
    void vscode.window.showErrorMessage(`${path} can’t be opened in the editor.`);
  }
}
