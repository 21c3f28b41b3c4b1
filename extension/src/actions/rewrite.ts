import * as vscode from 'vscode';
import { type Subject, subjectOf } from '../editor/subject.ts';
import { waitingFor } from '../editor/trouble.ts';
import { replaced } from '../proposal/change.ts';
import { mayAsk } from './guard.ts';
import { contextOf, type Services } from './services.ts';

/** Refactor…: other code in place of the selection, as a person wishes. */
export async function refactor(services: Services): Promise<void> {
  const subject = await chosen(services);
  if (!subject) return;
  const instruction = await vscode.window.showInputBox({
    title: 'Refactor',
    prompt: 'What should change about the selected code?',
    placeHolder: 'For example: split this into smaller functions',
    ignoreFocusOut: true,
  });
  if (!instruction?.trim()) return;
  const ask = async () => {
    const answer = await waitingFor(
      'Atrium is refactoring',
      services.link,
      async (signal) =>
        services.client.post<{ code?: string }>(
          '/api/ide/ai/refactor',
          { ...(await about(services, subject)), instruction },
          { signal },
        ),
      ask,
    );
    if (answer) await propose(services, subject, answer.code ?? '', instruction.slice(0, 40));
  };
  await ask();
}

/** The same code with its documentation comments. */
export async function document(services: Services): Promise<void> {
  const subject = await chosen(services);
  if (!subject) return;
  const ask = async () => {
    const answer = await waitingFor(
      'Atrium is writing documentation',
      services.link,
      async (signal) =>
        services.client.post<{ code?: string }>(
          '/api/ide/ai/docs',
          await about(services, subject),
          { signal },
        ),
      ask,
    );
    if (answer) await propose(services, subject, answer.code ?? '', 'Documentation');
  };
  await ask();
}

/** The code that is meant in the editor in front, if it may be asked about. */
export async function chosen(services: Services): Promise<Subject | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || !(await mayAsk(services.files, editor.document))) return undefined;
  const subject = await subjectOf(editor.document, editor.selection);
  return subject.code.trim() ? subject : undefined;
}

export async function about(services: Services, subject: Subject) {
  return {
    code: subject.code,
    language: subject.document.languageId,
    context: await contextOf(services, subject),
  };
}

/** Shows a subject's new code beside what is there now. */
export async function propose(
  services: Services,
  { document, range, code }: Subject,
  by: string,
  title: string,
): Promise<void> {
  if (by === code) {
    void vscode.window.showInformationMessage('The model would change nothing here.');
    return;
  }
  const text = replaced(document.getText(), document.offsetAt(range.start), code, by);
  if (text === undefined) {
    void vscode.window.showWarningMessage('The code has changed meanwhile. Ask again.');
    return;
  }
  await services.proposals.show(document.uri, text, title);
}
