import type { Client } from '../platform/client.ts';

/** How long openings are gathered before they are told, in milliseconds. */
const gather = 2_000;
/** As many as the platform takes at once. */
const most = 1_000;

/** Tells the platform how many files are opened in this window, not which. */
export class Openings {
  private count = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: Pick<Client, 'post'>,
    private readonly workspace: string,
    private readonly report: (error: unknown) => void,
  ) {}

  add(files: number): void {
    this.count += files;
    if (this.count > 0) this.timer ??= setTimeout(() => void this.tell(), gather);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }

  /** What can't be told is not told again: it is a number for statistics. */
  private async tell(): Promise<void> {
    const count = Math.min(this.count, most);
    this.count = 0;
    this.timer = undefined;
    await this.client
      .post(`/api/ide/workspaces/${this.workspace}/windows/files`, { count })
      .catch(this.report);
  }
}
