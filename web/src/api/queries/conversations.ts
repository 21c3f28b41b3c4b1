import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, idempotent, unwrap } from "../client";
import type { Conversation } from "../types";

type Page = { conversations: Conversation[]; nextPageToken: string };

export const conversationsKey = ["conversations"] as const;

/** The caller's conversations, newest first, a page at a time. */
export const conversationsQuery = infiniteQueryOptions({
  queryKey: conversationsKey,
  queryFn: ({ pageParam }) => {
    const query = { pageSize: 50, pageToken: pageParam, archived: false };
    return unwrap<Page>(api.GET("/api/chat/conversations", { params: { query } }));
  },
  initialPageParam: "",
  getNextPageParam: (page) => page.nextPageToken || undefined,
});

export const recentConversationsQuery = queryOptions({
  queryKey: [...conversationsKey, "recent"],
  queryFn: async () => {
    const query = { pageSize: 6, archived: false };
    return (await unwrap<Page>(api.GET("/api/chat/conversations", { params: { query } })))
      .conversations;
  },
});

export function conversationKey(id: string) {
  return ["conversation", id] as const;
}

export function conversationQuery(id: string) {
  return queryOptions({
    queryKey: conversationKey(id),
    queryFn: () =>
      unwrap<Conversation>(api.GET("/api/chat/conversations/{id}", { params: { path: { id } } })),
  });
}

export async function createConversation(body: { model: string }): Promise<Conversation> {
  const headers = idempotent();
  return unwrap<Conversation>(api.POST("/api/chat/conversations", { body, headers }));
}

export type ConversationPatch = Partial<
  Pick<Conversation, "title" | "pinned" | "archived" | "model" | "headMessageId">
>;

export async function updateConversation(id: string, body: ConversationPatch) {
  const params = { path: { id } };
  return unwrap<Conversation>(api.PATCH("/api/chat/conversations/{id}", { params, body }));
}

export async function deleteConversation(id: string): Promise<void> {
  // It may be the last thing that a page does.
  const options = { params: { path: { id } }, keepalive: true };
  await unwrap(api.DELETE("/api/chat/conversations/{id}", options));
}
