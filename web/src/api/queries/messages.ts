import { type QueryClient, queryOptions, skipToken } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { Message } from "../types";

type Page = { messages: Message[]; nextPageToken: string };

/** Enough for several screens; earlier messages come when they are scrolled to. */
const firstPage = 50;
const furtherPages = 200;

export function messagesKey(conversationId: string) {
  return ["messages", conversationId] as const;
}

/** The newest messages of a conversation and the earlier ones read so far, all branches, oldest first. */
export function messagesQuery(conversationId: string) {
  const queryKey = messagesKey(conversationId);
  return queryOptions({
    queryKey,
    queryFn: async ({ client }) => {
      const page = await newest(conversationId, "", firstPage);
      const known = client.getQueryData<Message[]>(queryKey) ?? [];
      const joint = known.findIndex((message) => message.id === page.messages[0]?.id);
      if (joint <= 0) client.setQueryData(earlierKey(conversationId), page.nextPageToken);
      return merge(known, joint, page.messages);
    },
    // While an answer streams, its events write to this list and keep it fresh.
    staleTime: 10_000,
    refetchOnWindowFocus: false,
  });
}

/** What is read anew takes the place of what is known, from where the two meet. */
function merge(known: Message[], joint: number, fresh: Message[]): Message[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  const read = fresh.map((message) => {
    const shown = byId.get(message.id);
    // The server keeps the text of a running answer a moment later than it is shown.
    const ahead = message.status === "streaming" && shown?.status === "streaming";
    return ahead && shown.content.length > message.content.length ? shown : message;
  });
  return [...known.slice(0, Math.max(joint, 0)), ...read, ...known.filter(isPlaceholder)];
}

const placeholderPrefix = "sending:";

/** The id of a message that the server has not named yet. */
export function placeholderId(): string {
  return placeholderPrefix + crypto.randomUUID();
}

export function isPlaceholder(message: Message): boolean {
  return message.id.startsWith(placeholderPrefix);
}

function earlierKey(conversationId: string) {
  return ["earlier", conversationId] as const;
}

/** The token of the page before those that are loaded; empty when there is none. */
export function earlierQuery(conversationId: string) {
  return queryOptions<string>({
    queryKey: earlierKey(conversationId),
    queryFn: skipToken,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const loading = new Map<string, Promise<boolean>>();

/** Puts the page before those that are loaded in front of them; false when there is none. */
export function loadEarlier(client: QueryClient, conversationId: string): Promise<boolean> {
  const running = loading.get(conversationId) ?? load(client, conversationId);
  loading.set(conversationId, running);
  return running.finally(() => loading.delete(conversationId));
}

async function load(client: QueryClient, conversationId: string): Promise<boolean> {
  const token = client.getQueryData<string>(earlierKey(conversationId));
  if (!token) return false;
  const page = await newest(conversationId, token, furtherPages);
  client.setQueryData<Message[]>(messagesKey(conversationId), (list = []) => {
    const known = new Set(list.map((message) => message.id));
    return [...page.messages.filter((message) => !known.has(message.id)), ...list];
  });
  client.setQueryData(earlierKey(conversationId), page.nextPageToken);
  return true;
}

async function newest(id: string, pageToken: string, pageSize: number): Promise<Page> {
  const params = {
    path: { conversation_id: id },
    query: { newestFirst: true, pageSize, pageToken },
  };
  const page = await unwrap<Page>(
    api.GET("/api/chat/conversations/{conversation_id}/messages", { params }),
  );
  return { ...page, messages: page.messages.toReversed() };
}

export async function stopMessage(id: string): Promise<Message> {
  const params = { path: { id } };
  return unwrap<Message>(api.POST("/api/chat/messages/{id}/stop", { params, body: {} }));
}
