import type { ServerEvent } from "@/api/sse";
import type { Frame } from "./live";

/**
 * The events of one answer as they come over the tab's one connection, in the
 * shape of a stream of its own. It ends with the connection, or at a gap; the
 * turn then asks for the rest as after any lost connection.
 */
export class Inbox {
  private readonly waiting: ServerEvent[] = [];
  private wake: (() => void) | undefined;
  private closed = false;
  private last = 0;

  put({ type, seq, data }: Frame) {
    const number = Number(seq);
    if (number !== this.last + 1) {
      if (number > this.last) this.close();
      return;
    }
    this.last = number;
    this.waiting.push({ name: type, id: String(number), data });
    this.wake?.();
  }

  close() {
    this.closed = true;
    this.wake?.();
  }

  async *events(): AsyncGenerator<ServerEvent> {
    for (;;) {
      const event = this.waiting.shift();
      if (event) {
        yield event;
        if (event.name === "done" || event.name === "error") return;
      } else if (this.closed) return;
      else await new Promise<void>((wake) => (this.wake = wake));
    }
  }
}
