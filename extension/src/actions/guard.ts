import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Files } from '../editor/files.ts';

/** Whether a file may be asked about; a person who asks is told why not. */
export async function mayAsk(files: Files, document: vscode.TextDocument): Promise<boolean> {
  if (!(await files.isSecret(document.uri))) return true;
  const settings = 'Open Settings';
  void vscode.window
    .showWarningMessage(
      `Nothing of ${basename(document.uri.path)} is sent to a model: it is on the list of secret files.`,
      settings,
    )
    .then((chosen) => {
      if (chosen === settings) {
        void vscode.commands.executeCommand('workbench.action.openSettings', 'atrium.secretFiles');
      }
    });
  return false;
}
