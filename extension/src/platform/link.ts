import { Problem } from './problem.ts';

export type LinkState =
  | { is: 'online' }
  | { is: 'offline' | 'quota' | 'token' | 'busy'; message: string; reason: string; until: number };

const firstPause = 2_000;
const longestPause = 60_000;
const quotaPause = 10 * 60_000;

/**
 * Link remembers how the platform was last reached, so that what nobody asked
 * for (suggestions) is not asked while it would be in vain. Times are in
 * milliseconds.
 */
export class Link {
  private now_: LinkState = { is: 'online' };
  private failures = 0;
  private callers = new Set<() => void>();
  private listeners = new Set<(state: LinkState) => void>();

  constructor(private readonly clock: () => number = Date.now) {}

  get state(): LinkState {
    return this.now_;
  }

  /** Whether something that nobody waits for may be asked now. */
  get open(): boolean {
    return this.now_.is === 'online' || this.clock() >= this.now_.until;
  }

  /** Calls a listener at each change; gives what ends that. */
  onChange(listener: (state: LinkState) => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  }

  /** Calls a listener after each call that costs something. */
  onCall(listener: () => void): { dispose(): void } {
    this.callers.add(listener);
    return { dispose: () => this.callers.delete(listener) };
  }

  /** Takes note that the platform answered. */
  reached(): void {
    this.failures = 0;
    this.become({ is: 'online' });
  }

  succeeded(): void {
    this.reached();
    for (const listener of this.callers) listener();
  }

  /** Takes note of a failed call; a refusal of one call says nothing about the next. */
  failed(error: unknown): void {
    if (!(error instanceof Problem) || error.trouble === 'refused') return;
    const { trouble, message, reason, retryAt } = error;
    this.failures = Math.min(this.failures + 1, 10);
    const pause =
      trouble === 'quota' || trouble === 'token'
        ? quotaPause
        : Math.min(firstPause * 2 ** (this.failures - 1), longestPause);
    const told = retryAt?.getTime() ?? 0;
    // A quota may be raised long before the month ends.
    const until = trouble === 'quota' ? this.clock() + pause : Math.max(told, this.clock() + pause);
    this.become({ is: trouble, message, reason, until });
  }

  /** Runs a call and takes note of how it ended. */
  async noting<T>(call: () => Promise<T>): Promise<T> {
    try {
      const answer = await call();
      this.succeeded();
      return answer;
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  private become(state: LinkState): void {
    const same = state.is === 'online' && this.now_.is === 'online';
    this.now_ = state;
    if (!same) for (const listener of this.listeners) listener(state);
  }
}
