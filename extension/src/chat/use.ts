import * as vscode from 'vscode';
import { replaced } from '../proposal/change.ts';
import type { Proposals } from '../proposal/proposals.ts';
import type { CodeUse } from './types.ts';

/** Does with a block of code what a person has just clicked. */
export async function useCode(use: CodeUse, code: string, proposals: Proposals): Promise<void> {
  if (use === 'run') return run(code);
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (!editor) throw new Error('Open the file in which the code belongs.');
  const { document, selection } = editor;
  if (use === 'insert') {
    await editor.edit((edit) => edit.replace(selection, code));
    await vscode.window.showTextDocument(document, editor.viewColumn);
    return;
  }
  const text = document.getText();
  const proposed = selection.isEmpty
    ? `${code.replace(/\n$/, '')}\n`
    : replaced(text, document.offsetAt(selection.start), document.getText(selection), code);
  if (proposed !== undefined) await proposals.show(document.uri, proposed, 'From Chat');
}

const terminalName = 'Atrium';

function run(code: string): void {
  const terminal =
    vscode.window.terminals.find(({ name, exitStatus }) => name === terminalName && !exitStatus) ??
    vscode.window.createTerminal(terminalName);
  terminal.show(true);
  terminal.sendText(code.trim());
}
