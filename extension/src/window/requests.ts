import type { Client } from '../platform/client.ts';
import { isAbort } from '../platform/client.ts';
import { Problem } from '../platform/problem.ts';

/** A file that the platform wants shown in one of the workspace's windows. */
export type Request = { id: string; path: string; line: number; column: number };

/** What is needed of the window. Times are in milliseconds. */
export type Window = {
  /** Whether a person is in it. */
  focused(): boolean;
  /** Resolves true when the page that the window stands in answers. */
  alive(): Promise<boolean>;
  show(request: Request): Promise<void>;
  wait(milliseconds: number): Promise<void>;
};

/** How long a window that nobody is in leaves a request to one with somebody. */
const courtesy = 400;
const looks = 8;
const longestPause = 30_000;

/**
 * Shows what the platform asks for, in one window: the one that a person is in,
 * else whichever is first. It listens until the signal, over breaks too.
 */
export async function answerRequests(
  client: Client,
  workspace: string,
  window: Window,
  signal: AbortSignal,
  report: (error: unknown) => void,
): Promise<void> {
  const path = `/api/ide/workspaces/${workspace}/windows/requests`;
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      for await (const { event, data } of client.stream('GET', path, undefined, { signal })) {
        failures = 0;
        if (event === 'show') void take(client, path, data as Request, window).catch(report);
      }
    } catch (error) {
      if (isAbort(error)) return;
      report(error);
      // Nothing changes by itself about a refusal: such a workspace has no window.
      if (error instanceof Problem && error.trouble === 'refused') return;
    }
    await window.wait(Math.min(1_000 * 2 ** failures, longestPause));
  }
}

async function take(client: Client, path: string, request: Request, window: Window): Promise<void> {
  for (let look = 0; look < looks && !window.focused(); look++) {
    await window.wait(courtesy / looks);
  }
  // A host outlives its page for minutes, and would take what nobody then sees.
  if (!(await window.alive())) return;
  try {
    await client.post(`${path}/${request.id}/take`, {}, { patience: 5_000 });
  } catch (error) {
    if (error instanceof Problem && error.reason === 'WINDOW_REQUEST_NOT_FOUND') return;
    throw error;
  }
  await window.show(request);
}
