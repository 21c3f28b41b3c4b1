import type { CallOptions, Client } from '../platform/client.ts';
import { Problem } from '../platform/problem.ts';
import type { Conversation, Message } from './types.ts';

/** How often a broken stream is taken up again before giving up. */
const most = 8;

export type Answering = {
  /** Both messages are stored; the answer is empty still. */
  started(question: Message, answer: Message): void;
  text(piece: string): void;
  /** The answer is over; its status says how. */
  ended(answer: Message): void;
};

/** The conversations that belong to this workspace, on the platform as in /chat. */
export class Conversations {
  constructor(
    private readonly client: Client,
    private readonly wait: (milliseconds: number) => Promise<void> = (milliseconds) =>
      new Promise((resolve) => setTimeout(resolve, milliseconds)),
  ) {}

  async list(): Promise<Conversation[]> {
    const { conversations = [] } = await this.client.get<{ conversations?: Conversation[] }>(
      '/api/chat/conversations?pageSize=50&archived=false',
    );
    return conversations;
  }

  create(): Promise<Conversation> {
    return this.client.post('/api/chat/conversations', {});
  }

  /** The newest branch of a conversation, oldest first. */
  async messages(id: string): Promise<Message[]> {
    const { headMessageId } = await this.client.get<{ headMessageId?: string }>(
      `/api/chat/conversations/${id}`,
    );
    if (!headMessageId) return [];
    const found: Message[] = [];
    let pageToken = '';
    do {
      const query = new URLSearchParams({ branch: headMessageId, pageSize: '200', pageToken });
      const page = await this.client.get<{ messages?: Message[]; nextPageToken?: string }>(
        `/api/chat/conversations/${id}/messages?${query}`,
      );
      found.push(...(page.messages ?? []));
      pageToken = page.nextPageToken ?? '';
    } while (pageToken);
    return found;
  }

  /** Asks and tells of the answer as it comes, over breaks of the connection too. */
  async ask(id: string, content: string, told: Answering, options: CallOptions): Promise<void> {
    const path = `/api/chat/conversations/${id}/messages`;
    await this.follow({ method: 'POST', path, body: { content } }, told, options);
  }

  /** Tells of an answer that is being written already. */
  async resume(answer: string, told: Answering, options: CallOptions): Promise<void> {
    await this.follow({ method: 'GET', path: streamOf(answer) }, told, options);
  }

  async stop(answer: string): Promise<void> {
    await this.client.post(`/api/chat/messages/${answer}/stop`, {});
  }

  private async follow(
    first: { method: 'GET' | 'POST'; path: string; body?: unknown },
    told: Answering,
    options: CallOptions,
  ): Promise<void> {
    let call = first;
    let answer = '';
    let seen = '0';
    for (let tries = 0; ; ) {
      try {
        const headers = call === first ? undefined : { 'Last-Event-ID': seen };
        const events = this.client.stream(call.method, call.path, call.body, {
          ...options,
          headers,
        });
        for await (const { event, id, data } of events) {
          tries = 0;
          seen = id ?? seen;
          const { userMessage, assistantMessage, text, message } = data as {
            userMessage?: Message;
            assistantMessage?: Message;
            text?: string;
            message?: Message;
          };
          if (event === 'start' && userMessage && assistantMessage) {
            answer = assistantMessage.id;
            told.started(userMessage, assistantMessage);
          } else if (event === 'delta' && text) {
            told.text(text);
          } else if ((event === 'done' || event === 'error') && message) {
            told.ended(message);
            return;
          }
        }
      } catch (error) {
        // A question that may not have arrived is not asked twice by itself.
        if (!answer || !(error instanceof Problem) || error.trouble !== 'offline') throw error;
        if (++tries > most) throw error;
      }
      if (!answer) return;
      call = { method: 'GET', path: streamOf(answer) };
      await this.wait(Math.min(500 * 2 ** tries, 10_000));
    }
  }
}

const streamOf = (answer: string) => `/api/chat/messages/${answer}/stream`;
