import * as vscode from 'vscode';
import { decide, suggestionsIn, switchSuggestions, table } from '../suggest/settings.ts';
import type { Status } from './status.ts';
import { usageInWords } from './usage.ts';

type Choice = vscode.QuickPickItem & { run(): unknown };

/** What the item in the status bar opens: the switches, the figures, and the way on. */
export async function showMenu(status: Status): Promise<void> {
  const language = vscode.window.activeTextEditor?.document.languageId;
  const everywhere = decide(table(), '*');
  const choices: Choice[] = [];
  if (language) {
    const on = suggestionsIn(language);
    choices.push({
      label: `$(${on ? 'circle-slash' : 'sparkle'}) Turn suggestions in ${language} ${on ? 'off' : 'on'}`,
      run: () => switchSuggestions(language, !on),
    });
  }
  choices.push({
    label: `$(${everywhere ? 'circle-slash' : 'sparkle'}) Turn suggestions ${everywhere ? 'off' : 'on'} in all other languages`,
    run: () => switchSuggestions('*', !everywhere),
  });
  choices.push({
    label: '$(refresh) Try to reach the platform now',
    run: () => status.refresh(),
  });
  choices.push({
    label: '$(graph) See usage',
    description: status.figures && usageInWords(status.figures),
    run: () => vscode.commands.executeCommand('atrium.openUsage'),
  });
  choices.push({
    label: '$(gear) Settings',
    run: () => vscode.commands.executeCommand('workbench.action.openSettings', 'atrium'),
  });
  const chosen = await vscode.window.showQuickPick(choices, { title: 'Atrium' });
  await chosen?.run();
}
