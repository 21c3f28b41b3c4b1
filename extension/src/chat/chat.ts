import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Files } from '../editor/files.ts';
import { inWords } from '../editor/trouble.ts';
import { isAbort } from '../platform/client.ts';
import type { Link } from '../platform/link.ts';
import type { Proposals } from '../proposal/proposals.ts';
import { withSubject } from './context.ts';
import type { Answering, Conversations } from './conversations.ts';
import type { Conversation, FromView, Message, Subject, ToView } from './types.ts';
import { useCode } from './use.ts';

type Parts = {
  conversations: Conversations;
  link: Link;
  files: Files;
  proposals: Proposals;
  extension: vscode.Uri;
  /** The platform's own address, for opening a conversation in its pages. */
  url: string;
};

/** The view of chats with the platform's models; it lasts as long as the window. */
export class Chat implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private list: Conversation[] = [];
  private current = '';
  private messages: Message[] = [];
  private running: { answer?: string; ending: AbortController } | undefined;
  private wished: Subject | undefined;

  constructor(private readonly parts: Parts) {}

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    const scripts = vscode.Uri.joinPath(this.parts.extension, 'view');
    view.webview.options = { enableScripts: true, localResourceRoots: [scripts] };
    view.webview.html = page(view.webview, scripts);
    view.webview.onDidReceiveMessage((message: FromView) => this.take(message));
    view.onDidDispose(() => {
      this.view = undefined;
    });
  }

  /** Brings the view to the front, to ask about something. */
  async show(subject: Subject): Promise<void> {
    this.wished = subject;
    await vscode.commands.executeCommand('atrium.chat.focus');
    this.tell({ type: 'subject', subject });
  }

  /** Begins another conversation; it is stored with its first question. */
  begin(): void {
    this.leave();
    this.current = '';
    this.messages = [];
    this.showAll();
  }

  private async take(message: FromView): Promise<void> {
    try {
      switch (message.type) {
        case 'ready':
          this.showAll();
          if (this.wished) this.tell({ type: 'subject', subject: this.wished });
          return await this.refresh();
        case 'send':
          return await this.send(message.text, message.subject);
        case 'stop':
          return await this.stop();
        case 'list':
          return await this.refresh();
        case 'new':
          return this.begin();
        case 'open':
          return await this.open(message.id);
        case 'browse':
          await vscode.env.openExternal(
            vscode.Uri.parse(`${this.parts.url}/chat${this.current && `/${this.current}`}`),
          );
          return;
        case 'use':
          return await useCode(message.use, message.code, this.parts.proposals);
      }
    } catch (error) {
      this.parts.link.failed(error);
      if (!isAbort(error)) this.tell({ type: 'trouble', message: inWords(error) });
    }
  }

  private async send(text: string, subject: Subject): Promise<void> {
    if (this.running || !text.trim()) return;
    const content = await withSubject(text.trim(), subject, this.parts.files);
    const running: { answer?: string; ending: AbortController } = {
      ending: new AbortController(),
    };
    this.running = running;
    try {
      if (!this.current) this.current = (await this.parts.conversations.create()).id;
      const { signal } = running.ending;
      await this.parts.link.noting(() =>
        this.parts.conversations.ask(this.current, content, this.listening(running), { signal }),
      );
    } finally {
      if (this.running === running) this.running = undefined;
      this.showAll();
    }
    await this.refresh();
  }

  private listening(running: { answer?: string }): Answering {
    return {
      started: (question, answer) => {
        running.answer = answer.id;
        const known = this.messages.findIndex(({ id }) => id === answer.id);
        if (known >= 0) this.messages[known] = { ...answer, content: '' };
        else this.messages.push(question, { ...answer, content: '' });
        this.tell({ type: 'sent' });
        this.showAll();
      },
      text: (piece) => {
        const answer = this.messages.at(-1);
        if (!answer) return;
        answer.content += piece;
        this.tell({ type: 'delta', id: answer.id, text: piece });
      },
      ended: (answer) => {
        this.messages[this.messages.length - 1] = answer;
      },
    };
  }

  private async stop(): Promise<void> {
    if (this.running?.answer) await this.parts.conversations.stop(this.running.answer);
    else this.running?.ending.abort();
  }

  private async open(id: string): Promise<void> {
    this.leave();
    this.current = id;
    this.messages = await this.parts.conversations.messages(id);
    this.showAll();
    const last = this.messages.at(-1);
    if (last?.status !== 'streaming') return;
    const running = { answer: last.id, ending: new AbortController() };
    this.running = running;
    this.showAll();
    try {
      const { signal } = running.ending;
      await this.parts.conversations.resume(last.id, this.listening(running), { signal });
    } finally {
      if (this.running === running) this.running = undefined;
      this.showAll();
    }
  }

  private async refresh(): Promise<void> {
    this.list = await this.parts.conversations.list();
    this.showList();
  }

  /** Stops listening; the answer goes on being written. */
  private leave(): void {
    this.running?.ending.abort();
    this.running = undefined;
  }

  private showAll(): void {
    this.showList();
    this.tell({
      type: 'messages',
      messages: this.messages,
      answering: this.running !== undefined,
    });
  }

  private showList(): void {
    this.tell({ type: 'conversations', conversations: this.list, current: this.current });
  }

  private tell(message: ToView): void {
    void this.view?.webview.postMessage(message);
  }

  dispose(): void {
    this.leave();
  }
}

function page(webview: vscode.Webview, scripts: vscode.Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(scripts, name));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="${file('chat.css')}">
<title>Chat</title>
</head>
<body>
<script nonce="${nonce}" src="${file('chat.js')}"></script>
</body>
</html>`;
}
