import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { Files } from '../editor/files.ts';
import { questionAbout, questionAboutFiles } from './question.ts';
import type { Subject } from './types.ts';

/** How many of the workspace's files are named. */
const most = 500;
const ignored = '**/{node_modules,.git,dist,build,target,venv,.venv,__pycache__}/**';

/** A question with what it is about; it throws, in words, when that may not or can't be sent. */
export async function withSubject(words: string, subject: Subject, files: Files): Promise<string> {
  if (subject === 'nothing') return words;
  if (subject === 'workspace') {
    const found = await vscode.workspace.findFiles('**/*', ignored, most);
    return questionAboutFiles(words, found.map((uri) => files.name(uri.fsPath)).sort());
  }
  const editor = vscode.window.activeTextEditor ?? vscode.window.visibleTextEditors[0];
  if (!editor) throw new Error('Open a file to ask about it.');
  const { document, selection } = editor;
  const name = files.name(document.uri.fsPath);
  if (await files.isSecret(document.uri)) {
    throw new Error(
      `Nothing of ${basename(name)} is sent to a model: it is on the list of secret files.`,
    );
  }
  if (subject === 'selection' && selection.isEmpty) {
    throw new Error('Select something in the editor to ask about it.');
  }
  const code = document.getText(subject === 'selection' ? selection : undefined);
  return questionAbout(words, name, document.languageId, code);
}
