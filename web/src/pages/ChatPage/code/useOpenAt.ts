import { useNavigate, useParams } from "@tanstack/react-router";
import { showFile } from "@/api/queries/windows";
import { useTranslation } from "@/i18n/useTranslation";
import { focusEditor } from "@/lib/editorFrame";
import { toast } from "@/lib/toast";

export type Place = { file: string; line: number };

/**
 * Shows a file in a window in which the workspace's VS Code is open, be it
 * beside this chat or in another tab; without one its page opens it.
 */
export function useOpenAt() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { workspaceId: here } = useParams({ strict: false });
  return async ({ id, name }: { id: string; name: string }, { file, line }: Place) => {
    // The window that has the focus takes it, so that it is the one in sight.
    if (here === id) focusEditor(id);
    const toPage = () =>
      navigate({
        to: "/ide/workspace/$workspaceId",
        params: { workspaceId: id },
        search: { file, line },
      });
    const shown = await showFile(id, file, line).catch(() => false);
    if (!shown) return await toPage();
    if (here === id) return;
    toast.message(t("chat.code.shown", { file, name }), {
      action: { label: t("chat.code.here"), onClick: () => void toPage() },
    });
  };
}
