import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { ConversationContext } from "../types";

export function contextKey(conversationId: string) {
  return ["context", conversationId] as const;
}

/** How much of a model's window the branch that ends at head takes, and what of it is a summary. */
export function contextQuery(id: string, head: string, model: string) {
  return queryOptions({
    queryKey: [...contextKey(id), head, model],
    queryFn: () => {
      const params = { path: { id }, query: { branch: head, model } };
      return unwrap<ConversationContext>(
        api.GET("/api/chat/conversations/{id}/context", { params }),
      );
    },
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
}
