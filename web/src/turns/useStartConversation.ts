import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { conversationKey, conversationsKey, createConversation } from "@/api/queries/conversations";
import { messagesKey } from "@/api/queries/messages";
import type { Question } from "./TurnManager";
import { useTurns } from "./TurnsProvider";

type Options = {
  /** The workspace that it is to belong to. */
  workspaceId?: string;
  /** Where it is shown; without it, in the chat's own page. */
  onStarted?: (id: string) => void;
};

/** Opens a new conversation with its first question already on the way. */
export function useStartConversation({ workspaceId, onStarted }: Options = {}) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const turns = useTurns();
  return useMutation({
    mutationFn: ({ model }: Question) => createConversation({ model, workspaceId }),
    onSuccess: async (conversation, question) => {
      const { id } = conversation;
      queries.setQueryData(conversationKey(id), conversation);
      queries.setQueryData(messagesKey(id), []);
      void turns.send(id, question);
      void queries.invalidateQueries({ queryKey: conversationsKey });
      if (onStarted) return onStarted(id);
      await navigate({ to: "/chat/$conversationId", params: { conversationId: id } });
    },
  });
}
