import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { conversationKey, conversationsKey, createConversation } from "@/api/queries/conversations";
import { messagesKey } from "@/api/queries/messages";
import type { Question } from "./TurnManager";
import { useTurns } from "./TurnsProvider";

/** Opens a new conversation with its first question already on the way. */
export function useStartConversation() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const turns = useTurns();
  return useMutation({
    mutationFn: ({ model }: Question) => createConversation({ model }),
    onSuccess: async (conversation, question) => {
      const { id } = conversation;
      queries.setQueryData(conversationKey(id), conversation);
      queries.setQueryData(messagesKey(id), []);
      void turns.send(id, question);
      void queries.invalidateQueries({ queryKey: conversationsKey });
      await navigate({ to: "/chat/$conversationId", params: { conversationId: id } });
    },
  });
}
