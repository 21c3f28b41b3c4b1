import * as vscode from 'vscode';
import type { Files } from '../editor/files.ts';
import type { Client } from '../platform/client.ts';
import type { Link } from '../platform/link.ts';
import { suggestionsIn } from '../suggest/settings.ts';
import { percentOf, type Usage, type UsageAnswer, usageFrom, usageInWords } from './usage.ts';

/** How long figures are shown before they are asked for again, in milliseconds. */
const fresh = 60_000;
/** How long after a call the figures are asked for: several calls are one question. */
const settle = 3_000;

/**
 * Status is the item in the status bar: whether suggestions are on in the file
 * in front, what is used of the plan, and whether the platform can be reached.
 * While it can't, it tries again by itself.
 */
export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'atrium.status',
    vscode.StatusBarAlignment.Right,
    100,
  );
  private readonly subscriptions: vscode.Disposable[];
  private usage: Usage | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: Client,
    private readonly link: Link,
    private readonly files: Files,
  ) {
    this.item.name = 'Atrium';
    this.item.command = 'atrium.menu';
    this.subscriptions = [
      this.item,
      link.onChange(() => {
        void this.show();
        this.plan();
      }),
      link.onCall(() => this.plan(settle)),
      vscode.window.onDidChangeActiveTextEditor(() => this.show()),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('atrium')) void this.show();
      }),
    ];
    this.item.show();
    void this.show();
    void this.refresh();
  }

  /** The latest figures, if any came. */
  get figures(): Usage | undefined {
    return this.usage;
  }

  /** Asks for the figures now, which also shows whether the platform can be reached. */
  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const answer = await this.client.get<UsageAnswer>('/api/ai/usage', { patience: 15_000 });
      this.usage = usageFrom(answer);
      if (this.over()) this.link.reached();
    } catch (error) {
      this.link.failed(error);
    }
    await this.show();
    this.plan();
  }

  /**
   * Whether what was in the way is gone, now that the platform has answered. A
   * provider that is away is another matter: only the next call can tell.
   */
  private over(): boolean {
    const { state } = this.link;
    if (state.is === 'quota') return this.usage !== undefined && percentOf(this.usage) !== 100;
    return state.is !== 'offline' || !state.reason.startsWith('PROVIDER_');
  }

  /** Refreshes later: when the platform may be reached again, or the figures are old. */
  private plan(after = fresh): void {
    clearTimeout(this.timer);
    const { state } = this.link;
    const wait = state.is === 'online' ? after : Math.max(1_000, state.until - Date.now());
    this.timer = setTimeout(() => void this.refresh(), wait);
  }

  private async show(): Promise<void> {
    const { state } = this.link;
    const editor = vscode.window.activeTextEditor;
    const secret = editor ? await this.files.isSecret(editor.document.uri) : false;
    const language = editor?.document.languageId;
    const on = language === undefined || (suggestionsIn(language) && !secret);
    const percent = this.usage && percentOf(this.usage);
    const figure = percent === undefined ? '' : ` ${percent}%`;
    const warns = state.is !== 'online';
    this.item.text = warns
      ? `$(warning) Atrium: ${shortly[state.is]}`
      : `$(${on ? 'sparkle' : 'circle-slash'}) Atrium${figure}`;
    this.item.backgroundColor = warns
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.item.tooltip = [
      warns ? state.message : '',
      secret ? 'This file is on the list of secret files: nothing of it is sent.' : '',
      language && !secret ? `Suggestions in ${language} are ${on ? 'on' : 'off'}` : '',
      this.usage ? usageInWords(this.usage) : '',
    ]
      .filter(Boolean)
      .join('\n');
    this.item.accessibilityInformation = { label: `${this.item.text.replace(/\$\(.*?\) /, '')}` };
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const one of this.subscriptions) one.dispose();
  }
}

const shortly = {
  offline: 'not available',
  quota: 'plan used up',
  token: 'restart workspace',
  busy: 'wait a moment',
};
