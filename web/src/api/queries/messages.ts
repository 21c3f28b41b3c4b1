import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { Message } from "../types";

type Page = { messages: Message[]; nextPageToken: string };

export function messagesKey(conversationId: string) {
  return ["messages", conversationId] as const;
}

/** Every message of a conversation, all branches, oldest first. */
export function messagesQuery(conversationId: string) {
  return queryOptions({
    queryKey: messagesKey(conversationId),
    queryFn: () => allMessages(conversationId),
    // While an answer streams, its events write to this list and keep it fresh.
    staleTime: 10_000,
    refetchOnWindowFocus: false,
  });
}

async function allMessages(conversationId: string): Promise<Message[]> {
  const messages: Message[] = [];
  const path = { conversation_id: conversationId };
  let pageToken = "";
  do {
    const query = { pageSize: 200, pageToken };
    const page = await unwrap<Page>(
      api.GET("/api/chat/conversations/{conversation_id}/messages", { params: { path, query } }),
    );
    messages.push(...page.messages);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return messages;
}

export async function stopMessage(id: string): Promise<Message> {
  const params = { path: { id } };
  return unwrap<Message>(api.POST("/api/chat/messages/{id}/stop", { params, body: {} }));
}
