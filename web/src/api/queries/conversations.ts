import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import { api, idempotent, unwrap } from "../client";
import type { Conversation } from "../types";

type Page = { conversations: Conversation[]; nextPageToken: string };

export const conversationsKey = ["conversations"] as const;

export const listsKey = [...conversationsKey, "list"] as const;

/** The caller's conversations, archived or not, newest first, a page at a time. */
export function conversationsQuery(archived: boolean) {
  return infiniteQueryOptions({
    queryKey: [...listsKey, archived],
    queryFn: ({ pageParam }) => {
      const query = { pageSize: 50, pageToken: pageParam, archived };
      return unwrap<Page>(api.GET("/api/chat/conversations", { params: { query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

/** Changes one conversation wherever it is shown. */
export function changeConversation(
  queries: QueryClient,
  id: string,
  change: (one: Conversation) => Conversation,
) {
  queries.setQueryData<Conversation>(conversationKey(id), (one) => one && change(one));
  queries.setQueriesData<InfiniteData<Page>>({ queryKey: listsKey }, (list) => {
    if (!list) return list;
    const pages = list.pages.map((page) => ({
      ...page,
      conversations: page.conversations.map((one) => (one.id === id ? change(one) : one)),
    }));
    return { ...list, pages };
  });
}

/** Shows what the server says of a conversation, which may be new to this tab. */
export function addConversation(queries: QueryClient, conversation: Conversation) {
  const { id } = conversation;
  changeConversation(queries, id, () => conversation);
  queries.setQueryData<InfiniteData<Page>>(
    conversationsQuery(conversation.archived).queryKey,
    (list) => {
      const [first, ...others] = list?.pages ?? [];
      if (!list || !first) return list;
      if (list.pages.some((page) => page.conversations.some((one) => one.id === id))) return list;
      const grown = { ...first, conversations: [conversation, ...first.conversations] };
      return { ...list, pages: [grown, ...others] };
    },
  );
}

/** Takes a conversation out of the lists. */
export function dropConversation(queries: QueryClient, id: string) {
  queries.setQueriesData<InfiniteData<Page>>({ queryKey: listsKey }, (list) => {
    if (!list) return list;
    const pages = list.pages.map((page) => ({
      ...page,
      conversations: page.conversations.filter((one) => one.id !== id),
    }));
    return { ...list, pages };
  });
}

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

export async function createConversation(body: {
  model: string;
  workspaceId?: string;
}): Promise<Conversation> {
  const headers = idempotent();
  return unwrap<Conversation>(api.POST("/api/chat/conversations", { body, headers }));
}

export type ConversationPatch = Partial<
  Pick<
    Conversation,
    "title" | "pinned" | "archived" | "model" | "headMessageId" | "systemPrompt" | "workspaceId"
  >
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

/** Brings back what was deleted a few minutes ago. */
export async function restoreConversation(id: string): Promise<Conversation> {
  const options = { params: { path: { id } }, body: {} };
  return unwrap<Conversation>(api.POST("/api/chat/conversations/{id}/restore", options));
}

export type ExportFormat = "md" | "json";

/** The address of a conversation as a file. */
export function exportPath(id: string, format: ExportFormat): string {
  return `/api/chat/conversations/${id}/export?format=${format}`;
}
