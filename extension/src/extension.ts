import * as vscode from 'vscode';
import { commitMessage } from './actions/commit.ts';
import { Explanations } from './actions/explain.ts';
import { Fixes, fix } from './actions/fix.ts';
import type { Repository } from './actions/git.ts';
import { document, refactor } from './actions/rewrite.ts';
import type { Services } from './actions/services.ts';
import { generateTests } from './actions/tests.ts';
import { Chat } from './chat/chat.ts';
import { Conversations } from './chat/conversations.ts';
import { Files } from './editor/files.ts';
import { addressFrom, Client } from './platform/client.ts';
import { Link } from './platform/link.ts';
import { Proposals } from './proposal/proposals.ts';
import { followSettings } from './settings/follow.ts';
import { showMenu } from './status/menu.ts';
import { Status } from './status/status.ts';
import { Suggestions } from './suggest/provider.ts';
import { Openings } from './window/opened.ts';
import { answerRequests } from './window/requests.ts';
import { countOpened, thisWindow } from './window/window.ts';

export function activate({
  subscriptions,
  extensionUri,
  extension,
}: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Atrium', { log: true });
  subscriptions.push(log);
  const address = addressFrom(process.env);
  if (!address) {
    log.warn('this workspace has no token for AI; restart it to get one');
    return;
  }
  const client = new Client(address);
  subscriptions.push(followSettings(client, log));
  const workspace = process.env.ATRIUM_WORKSPACE_ID;
  if (workspace) {
    const openings = new Openings(client, workspace, (error) =>
      log.debug(`files that were opened: ${error}`),
    );
    subscriptions.push(openings, countOpened(openings));
  }
  if (!vscode.workspace.getConfiguration('atrium').get('enabled', true)) {
    log.info('AI is switched off by the setting atrium.enabled');
    return;
  }
  const link = new Link();
  const files = new Files();
  const proposals = new Proposals();
  const status = new Status(client, link, files);
  const services: Services = { client, link, files, proposals, log };
  const chat = new Chat({
    conversations: new Conversations(client),
    link,
    files,
    proposals,
    extension: extensionUri,
    url: address.url,
  });
  const command = (name: string, run: (...args: never[]) => unknown) =>
    vscode.commands.registerCommand(`atrium.${name}`, run);
  subscriptions.push(
    proposals,
    status,
    chat,
    vscode.window.registerWebviewViewProvider('atrium.chat', chat, {
      webviewOptions: { retainContextWhenHidden: true },
    }),
    new Explanations(services),
    vscode.languages.registerInlineCompletionItemProvider(
      { pattern: '**' },
      new Suggestions(client, link, files, log),
    ),
    vscode.languages.registerCodeActionsProvider({ pattern: '**' }, new Fixes(services), {
      providedCodeActionKinds: Fixes.kinds,
    }),
    command('fix', (uri: vscode.Uri, diagnostic: vscode.Diagnostic) =>
      fix(services, uri, diagnostic),
    ),
    command('refactor', () => refactor(services)),
    command('document', () => document(services)),
    command('generateTests', () => generateTests(services)),
    command('commitMessage', (repository?: Pick<Repository, 'rootUri'>) =>
      commitMessage(services, repository?.rootUri),
    ),
    command('ask', () =>
      chat.show(vscode.window.activeTextEditor?.selection.isEmpty === false ? 'selection' : 'file'),
    ),
    command('newChat', () => chat.begin()),
    command('menu', () => showMenu(status)),
    command('openUsage', () =>
      vscode.env.openExternal(vscode.Uri.parse(`${address.url}/settings`)),
    ),
  );
  if (workspace) {
    const listening = new AbortController();
    subscriptions.push(new vscode.Disposable(() => listening.abort()));
    void answerRequests(client, workspace, thisWindow, listening.signal, (error) =>
      log.debug(`files that the platform wants shown: ${error}`),
    );
  }
  // Commands are offered only where they can work.
  void vscode.commands.executeCommand('setContext', 'atrium.ready', true);
  log.info(`version ${extension.packageJSON.version}, AI by ${address.url}`);
}
