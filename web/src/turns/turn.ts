import { ApiError, asApiError } from "@/api/errors";
import { readEvents, type ServerEvent } from "@/api/sse";
import type { Message } from "@/api/types";
import { backoff } from "@/lib/backoff";
import { parseTurnEvent, type TurnEvent } from "./events";
import type { MessageStore } from "./store";

export type Phase = "sending" | "streaming" | "reconnecting" | "stopping";

type Source = () => AsyncGenerator<ServerEvent>;

/**
 * Turn follows one answer from its first event to its last, over as many
 * connections as that takes. The server runs the turn whether or not anybody
 * follows it, so a lost connection only ever means to ask from the last event.
 */
export class Turn {
  phase: Phase;
  /** Resolves once the server has named the answer, or nothing will come of it. */
  readonly named: Promise<void>;
  private settleName: () => void = () => undefined;
  private answer: Message | undefined;
  private seq = 0;
  private text = "";
  private ended = false;
  private frame: ReturnType<typeof setTimeout> | undefined;
  private readonly abort = new AbortController();
  private readonly placeholders: string[];

  constructor(
    readonly conversationId: string,
    /** The answer to follow, or the ids shown until the server has named it. */
    following: Message | string[],
    private readonly store: MessageStore,
    private readonly changed: () => void,
  ) {
    this.answer = Array.isArray(following) ? undefined : following;
    this.placeholders = Array.isArray(following) ? following : [];
    this.phase = this.answer ? "streaming" : "sending";
    this.named = new Promise((resolve) => {
      this.settleName = resolve;
    });
  }

  /** Empty until the server has accepted the question. */
  get messageId(): string {
    return this.answer?.id ?? "";
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Resolves when the answer has ended; throws when it could not be asked for. */
  async run(open: Source): Promise<void> {
    try {
      await this.followTo(open);
    } finally {
      this.settleName();
    }
  }

  private async followTo(open: Source): Promise<void> {
    let source = open;
    for (let attempt = 0; !this.ended; attempt++) {
      let broken = attempt > 0;
      try {
        for await (const event of source()) {
          if (this.receive(event)) attempt = 0;
        }
      } catch (cause) {
        if (this.signal.aborted) return;
        const error = asApiError(cause);
        if (!this.messageId || !error.temporary) throw error;
        broken = true;
      }
      if (this.ended || this.signal.aborted) return;
      if (!this.messageId) throw new ApiError({ code: 0, reason: "NO_ANSWER", message: noAnswer });
      // A server that restarts ends the stream in order, and another goes on.
      if (broken) this.enter("reconnecting");
      await backoff(attempt, this.signal);
      source = () => this.resume();
    }
  }

  resume(): AsyncGenerator<ServerEvent> {
    return readEvents(`/api/chat/messages/${this.messageId}/stream`, {
      headers: { "Last-Event-ID": String(this.seq) },
      signal: this.signal,
    });
  }

  enter(phase: Phase) {
    if (this.phase === phase || (this.phase === "stopping" && phase !== "sending")) return;
    this.phase = phase;
    this.changed();
  }

  /** Stops following; the turn itself goes on at the server. */
  leave() {
    clearTimeout(this.frame);
    this.abort.abort();
  }

  private receive(raw: ServerEvent): boolean {
    const seq = Number(raw.id) || this.seq;
    // A reconnect may repeat what has been seen.
    if (raw.id && seq <= this.seq) return false;
    this.seq = seq;
    const event = parseTurnEvent(raw);
    if (event) this.apply(event);
    return true;
  }

  private apply(event: TurnEvent) {
    this.enter("streaming");
    switch (event.kind) {
      case "start":
        return this.start(event.assistantMessage, event.userMessage);
      case "delta":
        this.text += event.text;
        this.frame ??= setTimeout(() => this.show(), frameMs);
        return;
      case "usage":
        return this.patch((message) => ({ ...message, usage: event.usage }));
      case "done":
        return this.end(event.message);
      case "error":
        return this.end(event.message ?? this.failed(event.error));
    }
  }

  private start(assistant: Message, user?: Message) {
    if (this.answer) {
      // What was shown before a reload stays until the stream has caught up.
      this.answer = { ...assistant, content: this.answer.content };
    } else {
      this.answer = assistant;
      this.settleName();
      this.store.setHead(this.conversationId, assistant.id);
    }
    const messages = user ? [user, this.answer] : [this.answer];
    this.store.put(this.conversationId, messages, this.placeholders);
    this.changed();
  }

  private show() {
    this.frame = undefined;
    this.patch((answer) =>
      this.text.length > answer.content.length ? { ...answer, content: this.text } : answer,
    );
  }

  private end(message: Message | undefined) {
    clearTimeout(this.frame);
    this.ended = true;
    if (message) this.store.put(this.conversationId, [message]);
  }

  private failed(error: ApiError): Message | undefined {
    const { reason, message, requestId } = error;
    const metadata = { errorReason: reason, errorMessage: message, requestId };
    return this.answer && { ...this.answer, content: this.text, status: "error", metadata };
  }

  private patch(change: (answer: Message) => Message) {
    if (!this.answer) return;
    this.answer = change(this.answer);
    this.store.put(this.conversationId, [this.answer]);
  }
}

/** Deltas are drawn together: about 30 times a second is smooth and cheap. */
const frameMs = 33;

const noAnswer = "The server closed the connection before it answered. Try again.";
