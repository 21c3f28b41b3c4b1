/** Longer than any run of backquotes in a text, so that it can't end the block early. */
export function fenced(text: string, label: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${label}\n${text.replace(/\n$/, '')}\n${fence}`;
}

/** How much of the workspace goes along with a question, in UTF-16 units. */
export const longest = 60_000;

/** A question with the code that it is about, as Markdown that /chat shows as well. */
export function questionAbout(words: string, name: string, language: string, code: string): string {
  const cut = code.length > longest;
  const shown = code.slice(0, longest).toWellFormed();
  return `${words}\n\n${cut ? 'The beginning of ' : ''}\`${name}\`:\n\n${fenced(shown, language)}`;
}

/** A question with the names of the workspace's files. */
export function questionAboutFiles(words: string, names: readonly string[]): string {
  const list = names.join('\n').slice(0, longest).toWellFormed();
  return `${words}\n\nThe files of the workspace:\n\n${fenced(list, 'text')}`;
}
