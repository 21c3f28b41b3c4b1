import type { QueryClient } from "@tanstack/react-query";
import { idempotent } from "@/api/client";
import { type ApiError, asApiError } from "@/api/errors";
import { isPlaceholder, placeholderId, stopMessage } from "@/api/queries/messages";
import { readEvents } from "@/api/sse";
import type { Attachment, Message } from "@/api/types";
import { Inbox } from "./inbox";
import type { Frame } from "./live";
import { MessageStore } from "./store";
import { type Phase, Turn } from "./turn";

export type Question = {
  content: string;
  model: string;
  parentId?: string;
  attachments?: Attachment[];
};

/** What the server would not take, kept so that nothing typed is lost. */
export type Refusal = { error: ApiError; question?: Question };

/**
 * TurnManager owns every turn that this page follows. Turns outlive the page's
 * views: an answer goes on while another conversation is looked at.
 */
export class TurnManager {
  private readonly turns = new Set<Turn>();
  private readonly refusals = new Map<string, Refusal>();
  private readonly inboxes = new Map<string, Inbox>();
  private readonly listeners = new Set<() => void>();
  private readonly store: MessageStore;

  constructor(queries: QueryClient) {
    this.store = new MessageStore(queries);
  }

  /** Asks a question. When it is not accepted, it is kept as the conversation's refusal. */
  async send(conversationId: string, question: Question): Promise<void> {
    const head = this.store.head(conversationId);
    const [user, assistant] = placeholders(conversationId, question, question.parentId ?? head);
    const turn = this.open(conversationId, [user.id, assistant.id]);
    this.store.put(conversationId, [user, assistant]);
    this.store.setHead(conversationId, assistant.id);
    const path = `/api/chat/conversations/${conversationId}/messages`;
    const attachments = question.attachments?.map(({ id }) => id);
    const error = await this.ask(turn, path, { ...question, attachments });
    if (error) this.undo(turn, [user.id, assistant.id], head, { error, question });
  }

  /** Answers the same question again, as a sibling of the given answer. */
  async regenerate(message: Message, model = ""): Promise<void> {
    const { conversationId, parentId } = message;
    const head = this.store.head(conversationId);
    const waiting = placeholder(conversationId, { role: "assistant", parentId });
    const turn = this.open(conversationId, [waiting.id]);
    this.store.put(conversationId, [waiting]);
    this.store.setHead(conversationId, waiting.id);
    const error = await this.ask(turn, `/api/chat/messages/${message.id}/regenerate`, { model });
    if (error) this.undo(turn, [waiting.id], head, { error });
  }

  /** Follows an answer that was already running when the page came. */
  resume(message: Message) {
    if (this.followed(message.id) || message.status !== "streaming" || isPlaceholder(message))
      return;
    const turn = this.open(message.conversationId, message);
    this.follow(turn, () => turn.resume()).catch(() => this.store.reload(message.conversationId));
  }

  /**
   * Follows an answer that was asked for in another tab, when its conversation
   * is shown or was shown in this one.
   */
  hear(frame: Frame) {
    const { conversationId = "", messageId = "" } = frame;
    const inbox = this.inboxes.get(messageId);
    if (inbox) return inbox.put(frame);
    if (frame.type !== "start" || !this.store.has(conversationId)) return;
    // It may be the one that this tab has just asked for and not been told of yet.
    const asking = [...this.turns].find(
      (turn) => turn.conversationId === conversationId && !turn.messageId,
    );
    if (asking) return void asking.named.then(() => this.resume(startedMessage(frame)));
    if (this.followed(messageId)) return;
    this.overhear(frame, startedMessage(frame));
  }

  /** The connection to the other tabs' news is gone; what it told of goes on by itself. */
  liveLost() {
    for (const inbox of this.inboxes.values()) inbox.close();
  }

  private overhear(frame: Frame, message: Message) {
    const inbox = new Inbox();
    this.inboxes.set(message.id, inbox);
    inbox.put(frame);
    const turn = this.open(message.conversationId, []);
    this.follow(turn, () => inbox.events())
      .catch(() => this.store.reload(message.conversationId))
      .finally(() => this.inboxes.delete(message.id));
  }

  private followed(messageId: string): boolean {
    return [...this.turns].some((turn) => turn.messageId === messageId);
  }

  async stop(conversationId: string): Promise<void> {
    const turn = this.active(conversationId);
    if (!turn?.messageId) return;
    turn.enter("stopping");
    await stopMessage(turn.messageId);
  }

  phase(conversationId: string): Phase | undefined {
    return this.active(conversationId)?.phase;
  }

  refusal(conversationId: string): Refusal | undefined {
    return this.refusals.get(conversationId);
  }

  dismiss(conversationId: string) {
    if (this.refusals.delete(conversationId)) this.changed();
  }

  /** Lets go of everything: the user has signed out. */
  reset() {
    for (const turn of this.turns) turn.leave();
    this.turns.clear();
    this.refusals.clear();
    this.changed();
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  private active(conversationId: string): Turn | undefined {
    return [...this.turns].filter((turn) => turn.conversationId === conversationId).at(-1);
  }

  private open(conversationId: string, following: Message | string[]): Turn {
    const turn = new Turn(conversationId, following, this.store, () => this.changed());
    this.turns.add(turn);
    this.refusals.delete(conversationId);
    this.changed();
    return turn;
  }

  private async ask(turn: Turn, path: string, body: object): Promise<ApiError | undefined> {
    const init: RequestInit = {
      method: "POST",
      headers: { "Content-Type": "application/json", ...idempotent() },
      body: JSON.stringify(body),
      signal: turn.signal,
    };
    try {
      await this.follow(turn, () => readEvents(path, init));
    } catch (error) {
      if (!turn.messageId) return asApiError(error);
      // The question is stored; what became of the answer, the server knows.
      this.store.reload(turn.conversationId);
    }
  }

  private undo(turn: Turn, shown: string[], head: string, refusal: Refusal) {
    this.store.put(turn.conversationId, [], shown);
    this.store.setHead(turn.conversationId, head);
    this.refusals.set(turn.conversationId, refusal);
    this.changed();
  }

  private async follow(turn: Turn, source: Parameters<Turn["run"]>[0]) {
    try {
      await turn.run(source);
    } finally {
      this.turns.delete(turn);
      this.changed();
      if (!turn.signal.aborted && turn.messageId) this.store.settled(turn.conversationId);
    }
  }

  private changed() {
    for (const listener of this.listeners) listener();
  }
}

function startedMessage({ data }: Frame): Message {
  return (data as { assistantMessage: Message }).assistantMessage;
}

function placeholder(
  conversationId: string,
  message: Pick<Message, "role" | "parentId"> & Partial<Message>,
): Message {
  return {
    id: placeholderId(),
    conversationId,
    content: "",
    status: message.role === "assistant" ? "streaming" : "complete",
    model: "",
    createdAt: new Date().toISOString(),
    unreadable: false,
    ...message,
  };
}

function placeholders(conversationId: string, question: Question, parentId: string) {
  const { content, model, attachments } = question;
  const user = placeholder(conversationId, { role: "user", parentId, content, attachments });
  const answer = placeholder(conversationId, { role: "assistant", parentId: user.id, model });
  return [user, answer] as const;
}
