import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  type ConversationPatch,
  changeConversation,
  conversationKey,
  conversationsKey,
  updateConversation,
} from "@/api/queries/conversations";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";

type Change = { id: string; patch: ConversationPatch };

/** Renames, pins, … shown at once and taken back when the server refuses. */
export function useUpdateConversation() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, patch }: Change) => updateConversation(id, patch),
    onMutate: async ({ id, patch }) => {
      await queries.cancelQueries({ queryKey: conversationsKey });
      changeConversation(queries, id, (one) => ({ ...one, ...patch }));
    },
    onError: (error) => toast.error(errorText(error)),
    onSettled: (_data, _error, { id }) => {
      void queries.invalidateQueries({ queryKey: conversationsKey });
      void queries.invalidateQueries({ queryKey: conversationKey(id) });
    },
  });
}
