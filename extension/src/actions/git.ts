import * as vscode from 'vscode';

/** The part of VS Code's own Git extension that is used here. */
export type Change = { uri: vscode.Uri; originalUri: vscode.Uri; renameUri?: vscode.Uri };
export type Repository = {
  rootUri: vscode.Uri;
  inputBox: { value: string };
  state: { indexChanges: Change[]; HEAD?: { commit?: string } };
  diffIndexWithHEAD(path: string): Promise<string>;
  log(options: { maxEntries: number }): Promise<{ message: string }[]>;
};
type Git = { getAPI(version: 1): { repositories: Repository[] } };

/** The repository that is meant: the one of the button, of the file in front, or the only one. */
export async function repositoryOf(root?: vscode.Uri): Promise<Repository | undefined> {
  const extension = vscode.extensions.getExtension<Git>('vscode.git');
  const git = await extension?.activate();
  const all = git?.getAPI(1).repositories ?? [];
  const path = root?.fsPath ?? vscode.window.activeTextEditor?.document.uri.fsPath ?? '';
  return all.find(({ rootUri }) => path.startsWith(rootUri.fsPath)) ?? all[0];
}
