import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { waitingFor } from '../editor/trouble.ts';
import { about, chosen } from './rewrite.ts';
import type { Services } from './services.ts';
import { testPath } from './target.ts';

/** Writes tests for the chosen code into a new file, to be accepted first. */
export async function generateTests(services: Services): Promise<void> {
  const subject = await chosen(services);
  if (!subject) return;
  const ask = async () => {
    const answer = await waitingFor(
      'Atrium is writing tests',
      services.link,
      async (signal) =>
        services.client.post<{ code?: string; filePath?: string }>(
          '/api/ide/ai/tests',
          await about(services, subject),
          { signal },
        ),
      ask,
    );
    if (!answer?.code) return;
    const { uri } = subject.document;
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath ?? dirname(uri.fsPath);
    const path = testPath(answer.filePath ?? '', services.files.name(uri.fsPath), (one) =>
      existsSync(join(folder, one)),
    );
    await services.proposals.show(vscode.Uri.file(join(folder, path)), answer.code, 'New Tests');
  };
  await ask();
}
