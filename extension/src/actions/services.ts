import type * as vscode from 'vscode';
import type { Files } from '../editor/files.ts';
import { type Subject, surroundings } from '../editor/subject.ts';
import type { Client } from '../platform/client.ts';
import type { Link } from '../platform/link.ts';
import type { Proposals } from '../proposal/proposals.ts';
import { relatedTo, type Snippet } from '../suggest/related.ts';

/** What the commands work with. */
export type Services = {
  client: Client;
  link: Link;
  files: Files;
  proposals: Proposals;
  log: vscode.LogOutputChannel;
};

export type Context = { filePath: string; snippets: Snippet[]; before: string; after: string };

/** What the platform is told beside the code itself. */
export async function contextOf({ files }: Services, subject: Subject): Promise<Context> {
  const path = subject.document.uri.fsPath;
  const snippets = await relatedTo(path, subject.document.getText(), files.open(), {
    isSecret: (one) => files.isSecretPath(one),
    name: (one) => files.name(one),
  });
  return { filePath: files.name(path), snippets, ...surroundings(subject) };
}
