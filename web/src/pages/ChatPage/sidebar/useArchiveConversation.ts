import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";
import { useUpdateConversation } from "./useUpdateConversation";

/** Puts a conversation away, or takes it back; either can be undone. */
export function useArchiveConversation() {
  const { t } = useTranslation();
  const { mutate } = useUpdateConversation();
  return (id: string, archived: boolean) => {
    mutate({ id, patch: { archived } });
    toast.message(archived ? t("chat.archivedToast") : t("chat.unarchivedToast"), {
      action: {
        label: t("common.undo"),
        onClick: () => mutate({ id, patch: { archived: !archived } }),
      },
    });
  };
}
