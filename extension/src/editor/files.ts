import { relative } from 'node:path';
import * as vscode from 'vscode';
import { isSecretFile, isSecretPath } from '../secret/secret.ts';
import type { OpenText } from '../suggest/related.ts';

/** Files answers what may be told of the workspace's files, and under which names. */
export class Files {
  /** Whether nothing of a document may leave the workspace. */
  async isSecret(uri: vscode.Uri): Promise<boolean> {
    return uri.scheme === 'file' || uri.scheme === 'vscode-remote'
      ? this.isSecretPath(uri.fsPath)
      : isSecretPath(uri.path, patterns());
  }

  isSecretPath(path: string): Promise<boolean> {
    return isSecretFile(path, patterns());
  }

  /** A file's path as the model is told it: from the project's folder. */
  name(path: string): string {
    const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path));
    return folder ? relative(folder.uri.fsPath, path) : path.split('/').slice(-2).join('/');
  }

  /** The texts that are open, those in sight first. */
  open(): OpenText[] {
    const visible = vscode.window.visibleTextEditors.map((editor) => editor.document);
    const others = vscode.workspace.textDocuments.filter((one) => !visible.includes(one));
    return [...visible, ...others]
      .filter((document) => document.uri.scheme === 'file' && !document.isClosed)
      .map((document) => ({ path: document.uri.fsPath, text: document.getText() }));
  }
}

function patterns(): string[] {
  return vscode.workspace.getConfiguration('atrium').get<string[]>('secretFiles', []);
}
