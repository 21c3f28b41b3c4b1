/** What a user has chosen on the platform; what is absent is left as it is. */
export type Choices = {
  fontSize?: number | null;
  tabSize?: number | null;
  insertSpaces?: boolean | null;
  wordWrap?: boolean | null;
  autoSave?: string | null;
  formatOnSave?: boolean | null;
  minimap?: boolean | null;
  inlineSuggestions?: boolean | null;
  theme?: string | null;
};

const names = {
  fontSize: 'editor.fontSize',
  tabSize: 'editor.tabSize',
  insertSpaces: 'editor.insertSpaces',
  autoSave: 'files.autoSave',
  formatOnSave: 'editor.formatOnSave',
  minimap: 'editor.minimap.enabled',
  inlineSuggestions: 'editor.inlineSuggest.enabled',
} as const;

/** The same as VS Code's own settings, by their names. */
export function settingsOf(choices: Choices): [string, unknown][] {
  const settings: [string, unknown][] = [];
  for (const [field, name] of Object.entries(names)) {
    const value = choices[field as keyof typeof names];
    if (value != null) settings.push([name, value]);
  }
  if (choices.wordWrap != null) {
    settings.push(['editor.wordWrap', choices.wordWrap ? 'on' : 'off']);
  }
  if (choices.theme) {
    settings.push(['window.autoDetectColorScheme', choices.theme === 'page']);
    if (choices.theme === 'light') settings.push(['workbench.colorTheme', 'Atrium Light']);
    if (choices.theme === 'dark') settings.push(['workbench.colorTheme', 'Atrium Dark']);
  }
  return settings;
}
