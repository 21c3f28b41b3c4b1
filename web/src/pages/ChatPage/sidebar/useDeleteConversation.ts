import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { isNotFound } from "@/api/errors";
import {
  conversationsKey,
  deleteConversation,
  dropConversation,
  restoreConversation,
} from "@/api/queries/conversations";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";

const undoMs = 10_000;

/** Deletes a conversation at once. The server keeps it for a while, so it can be brought back. */
export function useDeleteConversation() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { conversationId: open } = useParams({ strict: false });
  const refresh = () => queries.invalidateQueries({ queryKey: conversationsKey });

  const restore = async (id: string) => {
    try {
      await restoreConversation(id);
      if (open === id)
        await navigate({ to: "/chat/$conversationId", params: { conversationId: id } });
    } catch (error) {
      toast.error(errorText(error));
    }
    await refresh();
  };

  return async (id: string) => {
    dropConversation(queries, id);
    if (open === id) void navigate({ to: "/chat" });
    try {
      await deleteConversation(id);
      toast.message(t("chat.deleted"), {
        duration: undoMs,
        action: { label: t("common.undo"), onClick: () => void restore(id) },
      });
    } catch (error) {
      if (!isNotFound(error)) toast.error(errorText(error));
    }
    await refresh();
  };
}
