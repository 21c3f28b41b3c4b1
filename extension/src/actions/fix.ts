import * as vscode from 'vscode';
import { codeAround } from '../editor/subject.ts';
import { waitingFor } from '../editor/trouble.ts';
import { mayAsk } from './guard.ts';
import { about, propose } from './rewrite.ts';
import type { Services } from './services.ts';

type Suggestion = { cause?: string; fixedCode?: string; confidence?: number };

/** Offers a fix for what a language finds wrong, and an explanation of any code. */
export class Fixes implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];

  constructor(private readonly services: Services) {}

  async provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    if (context.diagnostics.length === 0) return [];
    if (await this.services.files.isSecret(document.uri)) return [];
    return context.diagnostics.slice(0, 3).map((diagnostic) => {
      const action = new vscode.CodeAction('Fix with AI', vscode.CodeActionKind.QuickFix);
      action.diagnostics = [diagnostic];
      action.command = {
        command: 'atrium.fix',
        title: 'Fix with AI',
        arguments: [document.uri, diagnostic],
      };
      return action;
    });
  }
}

/** Asks for the cause of a diagnostic and shows the code without it. */
export async function fix(
  services: Services,
  uri: vscode.Uri,
  diagnostic: vscode.Diagnostic,
): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  if (!(await mayAsk(services.files, document))) return;
  const subject = await codeAround(document, diagnostic.range);
  const ask = async () => {
    const answer = await waitingFor(
      'Atrium is looking for a fix',
      services.link,
      async (signal) =>
        services.client.post<{ suggestion?: Suggestion }>(
          '/api/ide/ai/debug',
          { ...(await about(services, subject)), error: told(document, diagnostic) },
          { signal },
        ),
      ask,
    );
    if (!answer) return;
    const { cause = '', fixedCode = '' } = answer.suggestion ?? {};
    if (fixedCode === subject.code) {
      void vscode.window.showInformationMessage(cause || 'The model finds no fix.');
      return;
    }
    await propose(services, subject, fixedCode, 'Fix');
    if (cause) void vscode.window.showInformationMessage(cause);
  };
  await ask();
}

/** A diagnostic as a compiler would print it. */
function told(document: vscode.TextDocument, { range, message, source, code }: vscode.Diagnostic) {
  const number = typeof code === 'object' ? code.value : code;
  const from = [source, number].filter((one) => one !== undefined && one !== '').join(' ');
  const line = document.lineAt(range.start.line).text.trim();
  return `Line ${range.start.line + 1}: ${from && `[${from}] `}${message}\n    ${line}`;
}
