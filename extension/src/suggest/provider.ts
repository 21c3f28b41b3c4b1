import * as vscode from 'vscode';
import { aborting, pause } from '../editor/cancel.ts';
import type { Files } from '../editor/files.ts';
import { type Client, isAbort } from '../platform/client.ts';
import type { Link } from '../platform/link.ts';
import { Memory } from './memory.ts';
import { relatedTo, type Snippet } from './related.ts';
import { delay, suggestionsIn } from './settings.ts';
import { windowAround } from './window.ts';

type Completion = { completion?: string; requestId?: string; cached?: boolean };

/** How long the pieces of other files are good for, in milliseconds. */
const snippetsLast = 10_000;
/** A suggestion that takes longer is of no use any more. */
const patience = 20_000;

/** Suggestions gives ghost text at the cursor, and keeps out of the way when it can't. */
export class Suggestions implements vscode.InlineCompletionItemProvider {
  private readonly memory = new Memory();
  private readonly snippets = new Map<string, { at: number; found: Promise<Snippet[]> }>();

  constructor(
    private readonly client: Client,
    private readonly link: Link,
    private readonly files: Files,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async provideInlineCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.InlineCompletionItem[]> {
    if (!suggestionsIn(document.languageId) || (await this.files.isSecret(document.uri))) return [];
    const asked = context.triggerKind === vscode.InlineCompletionTriggerKind.Invoke;
    const file = document.uri.toString();
    const offset = document.offsetAt(position);
    const known = this.memory.find(file, document.getText(), offset);
    if (known !== undefined) return this.items(document, position, known);
    if (!asked && !this.link.open) return [];
    const text = document.getText();
    if (!(await pause(asked ? 0 : delay(), token))) return [];
    const { signal, end } = aborting(token);
    const began = performance.now();
    try {
      const window = windowAround(text, offset);
      const snippets = await this.related(document, text);
      if (token.isCancellationRequested) return [];
      const answer = await this.link.noting(() =>
        this.client.post<Completion>(
          '/api/ide/ai/complete',
          {
            ...window,
            language: document.languageId,
            context: { filePath: this.files.name(document.uri.fsPath), snippets },
          },
          { signal, patience },
        ),
      );
      const completion = answer.completion ?? '';
      this.memory.keep(file, text, offset, completion);
      this.log.debug(
        `suggestion ${answer.requestId}: ${completion.length} characters in ${Math.round(performance.now() - began)} ms`,
      );
      return token.isCancellationRequested ? [] : this.items(document, position, completion);
    } catch (error) {
      if (!isAbort(error)) this.log.warn(`no suggestion: ${error}`);
      return [];
    } finally {
      end();
    }
  }

  private items(
    document: vscode.TextDocument,
    position: vscode.Position,
    text: string,
  ): vscode.InlineCompletionItem[] {
    if (!text) return [];
    const rest = document.lineAt(position).text.slice(position.character);
    // Brackets that the editor closed by itself belong to what is suggested.
    const closers = /^[)\]}"'`>;,]*$/.test(rest) ? rest : '';
    const range = new vscode.Range(position, position.translate(0, closers.length));
    return [new vscode.InlineCompletionItem(text + closers, range)];
  }

  private related(document: vscode.TextDocument, text: string): Promise<Snippet[]> {
    if (document.uri.scheme !== 'file') return Promise.resolve([]);
    const path = document.uri.fsPath;
    const known = this.snippets.get(path);
    if (known && Date.now() - known.at < snippetsLast) return known.found;
    const found = relatedTo(path, text, this.files.open(), {
      isSecret: (one) => this.files.isSecretPath(one),
      name: (one) => this.files.name(one),
    }).catch(() => []);
    this.snippets.clear(); // one file is written at a time
    this.snippets.set(path, { at: Date.now(), found });
    return found;
  }
}
