import { basename } from 'node:path';
import * as vscode from 'vscode';
import { changeBetween } from './change.ts';
import { MemoryFiles } from './memoryFiles.ts';

type Proposal = { target: vscode.Uri; before: string; isNew: boolean; left: vscode.Uri };

/** What VS Code tells of one change in a preview: the file with that change alone. */
type Hunk = { originalWithModifiedChanges: string; modifiedUri: vscode.Uri };

/**
 * Proposals show what a model would change beside what is there. The proposed
 * side can be edited, and each of its changes accepted or taken back between the
 * sides; nothing reaches the file before it is accepted.
 */
export class Proposals implements vscode.Disposable {
  private readonly files = new MemoryFiles();
  private readonly pending = new Map<string, Proposal>();
  private readonly subscriptions: vscode.Disposable[];
  private count = 0;

  constructor() {
    this.subscriptions = [
      vscode.workspace.registerFileSystemProvider(MemoryFiles.scheme, this.files, {
        isCaseSensitive: true,
      }),
      vscode.commands.registerCommand('atrium.acceptProposal', (uri?: vscode.Uri) =>
        this.accept(uri),
      ),
      vscode.commands.registerCommand('atrium.discardProposal', (uri?: vscode.Uri) =>
        this.discard(uri),
      ),
      vscode.commands.registerCommand('atrium.acceptHunk', (hunk: Hunk) => this.acceptHunk(hunk)),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const { input } of closed) {
          if (input instanceof vscode.TabInputTextDiff) this.forget(input.modified);
        }
      }),
    ];
  }

  /** Shows another text for a file, which may not exist yet. */
  async show(target: vscode.Uri, proposed: string, title: string): Promise<void> {
    const document = await textOf(target);
    const before = document?.getText() ?? '';
    const name = basename(target.path);
    const folder = `/${++this.count}`;
    const left = this.files.put(`${folder}/before/${name}`, before, false);
    const right = this.files.put(`${folder}/${name}`, proposed, true);
    this.pending.set(right.path, { target, before, isNew: !document, left });
    await vscode.commands.executeCommand('vscode.diff', left, right, `${name} (${title})`, {
      preview: false,
    });
  }

  private async accept(uri = activeUri()): Promise<void> {
    const proposal = uri && this.pending.get(uri.path);
    if (!uri || !proposal) return;
    const accepted = (await vscode.workspace.openTextDocument(uri)).getText();
    if (!(await apply(proposal, accepted))) return;
    await this.close(uri);
    await vscode.window.showTextDocument(proposal.target, { preview: false });
  }

  /** Accepts one change; what is left of the preview is about the others. */
  private async acceptHunk({ originalWithModifiedChanges, modifiedUri }: Hunk): Promise<void> {
    const proposal = this.pending.get(modifiedUri.path);
    if (!proposal || !(await apply(proposal, originalWithModifiedChanges))) return;
    proposal.before = originalWithModifiedChanges;
    proposal.isNew = false;
    this.files.replace(proposal.left, originalWithModifiedChanges);
    const proposed = (await vscode.workspace.openTextDocument(modifiedUri)).getText();
    if (proposed === originalWithModifiedChanges) await this.accept(modifiedUri);
  }

  private async discard(uri = activeUri()): Promise<void> {
    if (uri) await this.close(uri);
  }

  private async close(uri: vscode.Uri): Promise<void> {
    const document = vscode.workspace.textDocuments.find((one) => same(one.uri, uri));
    if (document?.isDirty) await document.save(); // into memory, so that nobody is asked
    const tabs = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(({ input }) => input instanceof vscode.TabInputTextDiff && same(input.modified, uri));
    await vscode.window.tabGroups.close(tabs);
    this.forget(uri);
  }

  private forget(uri: vscode.Uri): void {
    const proposal = this.pending.get(uri.path);
    if (!proposal || uri.scheme !== MemoryFiles.scheme) return;
    this.pending.delete(uri.path);
    this.files.delete(uri);
    this.files.delete(proposal.left);
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }
}

const same = (a: vscode.Uri, b: vscode.Uri) => a.toString() === b.toString();

/** The proposed side of the preview in front. */
function activeUri(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputTextDiff && input.modified.scheme === MemoryFiles.scheme
    ? input.modified
    : undefined;
}

async function textOf(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined; // not there yet
  }
}

async function apply({ target, before, isNew }: Proposal, accepted: string): Promise<boolean> {
  const edit = new vscode.WorkspaceEdit();
  const document = await textOf(target);
  if (isNew !== !document || (document && document.getText() !== before)) {
    void vscode.window.showWarningMessage(
      `${basename(target.path)} has changed since. Discard this, and ask again.`,
    );
    return false;
  }
  if (document) {
    const { start, end, text } = changeBetween(before, accepted);
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    edit.replace(target, range, text);
  } else {
    edit.createFile(target, { contents: new TextEncoder().encode(accepted) });
  }
  return await vscode.workspace.applyEdit(edit);
}
