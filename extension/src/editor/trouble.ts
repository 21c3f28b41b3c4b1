import * as vscode from 'vscode';
import { isAbort } from '../platform/client.ts';
import type { Link } from '../platform/link.ts';
import { Problem } from '../platform/problem.ts';
import { aborting } from './cancel.ts';

/** Shows what went wrong with something that a person asked for, and how to go on. */
export async function tellTrouble(error: unknown, again?: () => unknown): Promise<void> {
  if (isAbort(error)) return;
  const retry = 'Try Again';
  const usage = 'See Usage';
  const choices: string[] = [];
  if (error instanceof Problem && error.trouble === 'quota') choices.push(usage);
  else if (again) choices.push(retry);
  const chosen = await vscode.window.showErrorMessage(inWords(error), ...choices);
  if (chosen === retry) await again?.();
  if (chosen === usage) await vscode.commands.executeCommand('atrium.openUsage');
}

/** What went wrong, for a person. */
export function inWords(error: unknown): string {
  if (!(error instanceof Problem))
    return `Atrium: ${error instanceof Error ? error.message : error}`;
  if (error.trouble === 'token') {
    return 'This workspace’s token is no good any more. Restart the workspace to get a new one.';
  }
  return error.message;
}

/** Runs a call that a person waits for: with its progress, a way to stop it, and its trouble told. */
export async function waitingFor<T>(
  title: string,
  link: Link,
  call: (signal: AbortSignal) => Promise<T>,
  again?: () => unknown,
): Promise<T | undefined> {
  try {
    return await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (_, token) => {
        const { signal, end } = aborting(token);
        try {
          return await link.noting(() => call(signal));
        } finally {
          end();
        }
      },
    );
  } catch (error) {
    void tellTrouble(error, again);
    return undefined;
  }
}
