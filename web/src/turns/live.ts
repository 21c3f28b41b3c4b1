import type { QueryClient } from "@tanstack/react-query";
import {
  addConversation,
  conversationKey,
  conversationsKey,
  dropConversation,
} from "@/api/queries/conversations";
import { messagesKey } from "@/api/queries/messages";
import type { Conversation } from "@/api/types";
import { backoff } from "@/lib/backoff";
import type { TurnManager } from "./TurnManager";

/** A word of the server's about something that happened to a conversation, in whatever tab or device. */
export type Frame = {
  type: string;
  conversationId?: string;
  messageId?: string;
  seq?: number | string;
  data?: unknown;
  conversation?: Conversation;
};

const pingMs = 30_000;
/** Two pings without any answer: nobody is there. */
const silenceMs = 2.5 * pingMs;

/**
 * Live keeps this tab in step with what is done in others: one connection for
 * all conversations, made anew whenever it breaks. What was missed meanwhile
 * is read again.
 */
export class Live {
  private abort: AbortController | undefined;

  constructor(
    private readonly queries: QueryClient,
    private readonly turns: TurnManager,
  ) {}

  start() {
    if (this.abort) return;
    this.abort = new AbortController();
    void this.run(this.abort.signal);
  }

  stop() {
    this.abort?.abort();
    this.abort = undefined;
  }

  private async run(signal: AbortSignal) {
    let connected = false;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const again = connected;
      const opened = await this.connect(signal, () => again && this.catchUp());
      if (opened) {
        connected = true;
        attempt = 0;
      }
      this.turns.liveLost();
      if (!signal.aborted) await backoff(attempt, signal);
    }
  }

  /** Resolves when the connection has ended, with whether it had ever begun. */
  private connect(signal: AbortSignal, onHello: () => void): Promise<boolean> {
    return new Promise((resolve) => {
      const address = new URL("/chat/ws", window.location.href);
      address.protocol = address.protocol.replace("http", "ws");
      const socket = new WebSocket(address);
      let opened = false;
      let heard = Date.now();
      const close = () => socket.close();
      const ping = setInterval(() => {
        if (Date.now() - heard > silenceMs) return close();
        if (socket.readyState === WebSocket.OPEN) socket.send('{"type":"ping"}');
      }, pingMs);
      signal.addEventListener("abort", close);
      window.addEventListener("offline", close);
      socket.onmessage = ({ data }) => {
        heard = Date.now();
        const frame = parsed(data);
        if (frame?.type === "hello") {
          opened = true;
          onHello();
        } else if (frame) this.hear(frame);
      };
      socket.onclose = () => {
        clearInterval(ping);
        signal.removeEventListener("abort", close);
        window.removeEventListener("offline", close);
        resolve(opened);
      };
    });
  }

  hear(frame: Frame) {
    switch (frame.type) {
      case "conversation":
        if (frame.conversation) addConversation(this.queries, frame.conversation);
        return;
      case "conversationDeleted": {
        const id = frame.conversationId ?? "";
        dropConversation(this.queries, id);
        // Whoever is looking at it is told that there is nothing any more.
        void this.queries.invalidateQueries({ queryKey: conversationKey(id) });
        return;
      }
      default:
        this.turns.hear(frame);
    }
  }

  private catchUp() {
    void this.queries.invalidateQueries({ queryKey: conversationsKey });
    void this.queries.invalidateQueries({ queryKey: [conversationKey("")[0]] });
    void this.queries.invalidateQueries({ queryKey: [messagesKey("")[0]] });
  }
}

function parsed(data: unknown): Frame | undefined {
  try {
    return JSON.parse(String(data)) as Frame;
  } catch {
    return undefined;
  }
}
