import * as vscode from 'vscode';
import type { Client } from '../platform/client.ts';
import { type Choices, settingsOf } from './choices.ts';

/** Which revision of the choices is in the settings, kept in them: all of a user's workspaces share both. */
const applied = 'settings.revision';

/**
 * Puts what the user has chosen on the platform into VS Code's settings, once
 * for each revision, now and whenever somebody comes to the window. What is
 * changed in VS Code afterwards stays, until there is another revision.
 */
export function followSettings(client: Client, log: vscode.LogOutputChannel): vscode.Disposable {
  const follow = async () => {
    const answer = await client.get<{ revision: string | number; choices: Choices }>(
      '/api/ide/editor-settings',
    );
    const revision = Number(answer.revision);
    const own = vscode.workspace.getConfiguration('atrium');
    if (revision <= own.get<number>(applied, 0)) return;
    const all = vscode.workspace.getConfiguration();
    for (const [name, value] of settingsOf(answer.choices)) {
      await all.update(name, value, vscode.ConfigurationTarget.Global);
    }
    await own.update(applied, revision, vscode.ConfigurationTarget.Global);
    log.info(`took over revision ${revision} of the editor settings`);
  };
  let busy = false;
  const run = async () => {
    if (busy) return;
    busy = true;
    await follow().catch((error) =>
      log.warn(`the editor settings could not be taken over: ${error}`),
    );
    busy = false;
  };
  run();
  return vscode.window.onDidChangeWindowState(({ focused }) => focused && run());
}
