import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { asApiError, isNotFound } from "@/api/errors";
import { conversationKey, conversationsKey, deleteConversation } from "@/api/queries/conversations";
import { toast } from "@/lib/toast";
import { hide, unhide } from "./hidden";

const undoMs = 7_000;

/**
 * Deletes a conversation once the chance to undo it has passed. The server has
 * no waste bin, so the wait is here; leaving the page deletes at once.
 */
export function useDeleteConversation() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { conversationId: open } = useParams({ strict: false });

  return (id: string) => {
    let settled = false;
    const settle = () => {
      const first = !settled;
      settled = true;
      window.removeEventListener("pagehide", remove);
      return first;
    };
    const remove = async () => {
      if (!settle()) return;
      try {
        await deleteConversation(id);
        queries.removeQueries({ queryKey: conversationKey(id) });
        await queries.invalidateQueries({ queryKey: conversationsKey });
      } catch (error) {
        if (!isNotFound(error)) toast.error(asApiError(error).message);
      }
      unhide(id);
    };
    const undo = () => {
      if (settle()) unhide(id);
    };

    hide(id);
    window.addEventListener("pagehide", remove);
    if (open === id) void navigate({ to: "/chat" });
    toast.message(t("chat.deleted"), {
      duration: undoMs,
      action: { label: t("common.undo"), onClick: undo },
      onAutoClose: remove,
      onDismiss: remove,
    });
  };
}
