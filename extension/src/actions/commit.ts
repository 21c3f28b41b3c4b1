import * as vscode from 'vscode';
import type { Files } from '../editor/files.ts';
import { waitingFor } from '../editor/trouble.ts';
import { type Change, type Repository, repositoryOf } from './git.ts';
import type { Services } from './services.ts';

/** How much of a diff goes along, in UTF-16 units, and how many earlier messages. */
const longest = 200_000;
const earlier = 10;

/** Writes the message of what is staged into the box of the Source Control view. */
export async function commitMessage(services: Services, root?: vscode.Uri): Promise<void> {
  const repository = await repositoryOf(root);
  if (!repository) {
    void vscode.window.showInformationMessage('There is no Git repository in this workspace.');
    return;
  }
  const staged = repository.state.indexChanges;
  if (staged.length === 0) {
    void vscode.window.showInformationMessage('Nothing is staged: there is nothing to describe.');
    return;
  }
  const diff = await stagedDiff(services.files, repository, staged);
  if (!diff) {
    void vscode.window.showWarningMessage(
      'All that is staged is on the list of secret files, of which nothing is sent to a model.',
    );
    return;
  }
  const recent = repository.state.HEAD?.commit
    ? (await repository.log({ maxEntries: earlier })).map(({ message }) => message.slice(0, 2000))
    : [];
  const ask = async () => {
    const answer = await waitingFor(
      'Atrium is writing the message',
      services.link,
      (signal) =>
        services.client.post<{ message?: string }>(
          '/api/ide/ai/commit-message',
          { diff, recent },
          { signal },
        ),
      ask,
    );
    if (answer?.message) repository.inputBox.value = answer.message;
  };
  await ask();
}

/** What is staged, but for secret files, whether under their old or new name. */
async function stagedDiff(files: Files, repository: Repository, staged: Change[]): Promise<string> {
  let diff = '';
  for (const { uri, originalUri, renameUri } of staged) {
    const names = [uri, originalUri, renameUri].filter((one) => one !== undefined);
    const secret = await Promise.all(names.map((one) => files.isSecret(one)));
    if (secret.includes(true)) continue;
    diff += await repository.diffIndexWithHEAD((renameUri ?? uri).fsPath);
    if (diff.length > longest) break;
  }
  return diff.slice(0, longest);
}
