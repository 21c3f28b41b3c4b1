import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";
import { asApiError } from "@/api/errors";
import {
  type ConversationPatch,
  conversationKey,
  conversationsKey,
  conversationsQuery,
  updateConversation,
} from "@/api/queries/conversations";
import type { Conversation } from "@/api/types";
import { toast } from "@/lib/toast";

type Pages = InfiniteData<{ conversations: Conversation[]; nextPageToken: string }, string>;
type Change = { id: string; patch: ConversationPatch };

/** Renames, pins, … shown at once and taken back when the server refuses. */
export function useUpdateConversation() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, patch }: Change) => updateConversation(id, patch),
    onMutate: async ({ id, patch }) => {
      await queries.cancelQueries({ queryKey: conversationsKey });
      const change = (one: Conversation) => (one.id === id ? { ...one, ...patch } : one);
      queries.setQueryData<Conversation>(conversationKey(id), (one) => one && change(one));
      queries.setQueryData<Pages>(conversationsQuery.queryKey, (list) => {
        if (!list) return list;
        const pages = list.pages.map((page) => ({
          ...page,
          conversations: page.conversations.map(change),
        }));
        return { ...list, pages };
      });
    },
    onError: (error) => toast.error(asApiError(error).message),
    onSettled: (_data, _error, { id }) => {
      void queries.invalidateQueries({ queryKey: conversationsKey });
      void queries.invalidateQueries({ queryKey: conversationKey(id) });
    },
  });
}
