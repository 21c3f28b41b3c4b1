import * as vscode from 'vscode';

const settings = () => vscode.workspace.getConfiguration('atrium.suggestions');

/** The languages that are on or off by their ids. */
export function table(): Record<string, boolean> {
  return settings().get<Record<string, boolean>>('languages', {});
}

/** Whether text is suggested in files of a language. */
export function suggestionsIn(language: string): boolean {
  return decide(table(), language);
}

/** What a table of languages says of one; `*` is all that it does not name. */
export function decide(table: Record<string, boolean>, language: string): boolean {
  return table[language] ?? table['*'] ?? true;
}

/** How long typing must rest before a model is asked, in milliseconds. */
export function delay(): number {
  return Math.max(0, settings().get<number>('delay', 150));
}

/** Switches suggestions on or off: for a language, or for `*`. */
export async function switchSuggestions(language: string, on: boolean): Promise<void> {
  await settings().update(
    'languages',
    { ...table(), [language]: on },
    vscode.ConfigurationTarget.Global,
  );
}
