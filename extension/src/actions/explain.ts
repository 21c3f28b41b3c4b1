import * as vscode from 'vscode';
import { subjectOf } from '../editor/subject.ts';
import { inWords } from '../editor/trouble.ts';
import { isAbort } from '../platform/client.ts';
import { mayAsk } from './guard.ts';
import { contextOf, type Services } from './services.ts';

/** How often a panel shows what has come, in milliseconds. */
const every = 80;

/** Explains code in a panel below it, as the explanation is written. */
export class Explanations implements vscode.Disposable {
  private readonly controller = vscode.comments.createCommentController('atrium', 'Atrium');
  private readonly running = new Map<vscode.CommentThread, AbortController>();
  private readonly command: vscode.Disposable;

  constructor(private readonly services: Services) {
    this.command = vscode.Disposable.from(
      vscode.commands.registerCommand('atrium.explain', (uri?: unknown, range?: unknown) =>
        this.explain(
          uri instanceof vscode.Uri ? uri : undefined,
          range instanceof vscode.Range ? range : undefined,
        ),
      ),
      vscode.commands.registerCommand('atrium.closeExplanation', (thread: vscode.CommentThread) =>
        this.close(thread),
      ),
    );
  }

  private async explain(uri?: vscode.Uri, range?: vscode.Range): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    const document = uri ? await vscode.workspace.openTextDocument(uri) : editor?.document;
    const selection = range ?? editor?.selection;
    if (!document || !selection || !(await mayAsk(this.services.files, document))) return;
    const subject = await subjectOf(document, selection);
    if (!subject.code.trim()) return;
    const end = subject.range.end;
    const thread = this.controller.createCommentThread(
      document.uri,
      new vscode.Range(end, end),
      [],
    );
    thread.label = 'Explanation';
    thread.canReply = false;
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    const ending = new AbortController();
    this.running.set(thread, ending);
    const say = (text: string) => {
      thread.comments = [comment(text)];
    };
    say('…');
    let text = '';
    let shown = 0;
    try {
      await this.services.link.noting(async () => {
        const events = this.services.client.stream(
          'POST',
          '/api/ide/ai/explain',
          {
            code: subject.code,
            language: document.languageId,
            context: await contextOf(this.services, subject),
          },
          { signal: ending.signal },
        );
        for await (const { event, data } of events) {
          if (event === 'error') throw new Error(messageOf(data));
          text += (data as { text?: string }).text ?? '';
          if (Date.now() - shown < every) continue;
          shown = Date.now();
          if (text) say(text);
        }
      });
      say(text || 'The model has nothing to say about this.');
    } catch (error) {
      if (!isAbort(error)) say(`${text}\n\n$(error) ${inWords(error)}`);
    } finally {
      this.running.delete(thread);
    }
  }

  private close(thread: vscode.CommentThread): void {
    this.running.get(thread)?.abort();
    thread.dispose();
  }

  dispose(): void {
    for (const ending of this.running.values()) ending.abort();
    this.command.dispose();
    this.controller.dispose();
  }
}

function comment(text: string): vscode.Comment {
  const body = new vscode.MarkdownString(text, true);
  // What a model writes may come from a file: it may neither run commands nor load pictures.
  body.isTrusted = false;
  body.supportHtml = false;
  return { author: { name: 'Atrium' }, mode: vscode.CommentMode.Preview, body };
}

function messageOf(data: unknown): string {
  const { error } = data as { error?: { message?: string } };
  return error?.message ?? 'The explanation broke off.';
}
