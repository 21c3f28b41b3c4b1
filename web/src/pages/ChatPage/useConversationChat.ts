import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { isPlaceholder, messagesKey } from "@/api/queries/messages";
import type { Attachment, Message } from "@/api/types";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";
import { useTurns } from "@/turns/TurnsProvider";
import { type Node, newestLeaf } from "@/turns/tree";
import type { Phase } from "@/turns/turn";
import { useUpdateConversation } from "./sidebar/useUpdateConversation";

/** Everything that can be done in a conversation, by its composer and by its messages. */
export function useConversationChat(
  id: string,
  nodes: Node[],
  phase: Phase | undefined,
  model: string,
) {
  const queries = useQueryClient();
  const turns = useTurns();
  const { mutate: update } = useUpdateConversation();
  const [editing, setEditing] = useState<string | null>(null);
  const busy = phase !== undefined;
  const last = nodes.findLast(({ message }) => message.role === "user")?.message;

  const actions = useMemo(
    () => ({
      send: (content: string, attachments: Attachment[]) =>
        void turns.send(id, { content, model, attachments }),
      stop: () => void turns.stop(id).catch((error: unknown) => toast.error(errorText(error))),
      dismiss: () => turns.dismiss(id),
      edit: ({ parentId, attachments }: Message, content: string) =>
        void turns.send(id, { content, model, parentId, attachments }),
      regenerate: (message: Message, other?: string) =>
        void turns.regenerate(message, other ?? model),
      choose: (messageId: string) => {
        const all = queries.getQueryData<Message[]>(messagesKey(id)) ?? [];
        update({ id, patch: { headMessageId: newestLeaf(all, messageId) } });
      },
      setModel: (next: string) => update({ id, patch: { model: next } }),
    }),
    [turns, queries, update, id, model],
  );

  // Esc stops the answer, unless it has something nearer to close.
  useEffect(() => {
    if (!busy) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (document.querySelector("[role=dialog],[role=menu]")) return;
      actions.stop();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [busy, actions]);

  return useMemo(
    () => ({
      ...actions,
      busy,
      editing,
      setEditing,
      editLast: () => {
        if (last && !busy && !isPlaceholder(last)) setEditing(last.id);
      },
    }),
    [actions, busy, editing, last],
  );
}
