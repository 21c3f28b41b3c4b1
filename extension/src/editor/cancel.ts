import type { CancellationToken } from 'vscode';

/** A signal that follows a token of the editor; end it when the call is over. */
export function aborting(token: CancellationToken): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  const listening = token.onCancellationRequested(() => controller.abort());
  return { signal: controller.signal, end: () => listening.dispose() };
}

/** Waits so many milliseconds; false as soon as nobody waits any more. */
export function pause(milliseconds: number, token: CancellationToken): Promise<boolean> {
  if (token.isCancellationRequested) return Promise.resolve(false);
  if (milliseconds === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(true), milliseconds);
    const listening = token.onCancellationRequested(() => end(false));
    const end = (rested: boolean) => {
      clearTimeout(timer);
      listening.dispose();
      resolve(rested);
    };
  });
}
