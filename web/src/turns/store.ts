import type { QueryClient } from "@tanstack/react-query";
import { contextKey } from "@/api/queries/context";
import { conversationKey, conversationsKey } from "@/api/queries/conversations";
import { messagesKey } from "@/api/queries/messages";
import { usageQuery } from "@/api/queries/usage";
import type { Conversation, Message } from "@/api/types";

/** The cached messages that turns write to, so that every reader sees one list. */
export class MessageStore {
  constructor(private readonly queries: QueryClient) {}

  /** Puts messages into the list, over those of the same ids and without others. */
  put(conversationId: string, messages: Message[], without: string[] = []) {
    this.queries.setQueryData<Message[]>(messagesKey(conversationId), (list = []) => {
      const gone = new Set(without);
      const fresh = new Map(messages.map((message) => [message.id, message]));
      const kept: Message[] = [];
      for (const message of list) {
        if (gone.has(message.id)) continue;
        kept.push(fresh.get(message.id) ?? message);
        fresh.delete(message.id);
      }
      return [...kept, ...fresh.values()];
    });
  }

  /** Whether the conversation's messages have been read in this tab. */
  has(conversationId: string): boolean {
    return this.queries.getQueryData(messagesKey(conversationId)) !== undefined;
  }

  head(conversationId: string): string {
    return (
      this.queries.getQueryData<Conversation>(conversationKey(conversationId))?.headMessageId ?? ""
    );
  }

  setHead(conversationId: string, headMessageId: string) {
    this.queries.setQueryData<Conversation>(
      conversationKey(conversationId),
      (conversation) => conversation && { ...conversation, headMessageId },
    );
  }

  /** Fetches what the end of a turn has changed elsewhere: title, order, usage. */
  settled(conversationId: string) {
    void this.queries.invalidateQueries({ queryKey: conversationKey(conversationId) });
    void this.queries.invalidateQueries({ queryKey: contextKey(conversationId) });
    void this.queries.invalidateQueries({ queryKey: conversationsKey });
    void this.queries.invalidateQueries({ queryKey: usageQuery.queryKey });
  }

  reload(conversationId: string) {
    void this.queries.invalidateQueries({ queryKey: messagesKey(conversationId) });
  }
}
