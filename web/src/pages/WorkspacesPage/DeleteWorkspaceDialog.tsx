import { useMutation, useQueryClient } from "@tanstack/react-query";
import { deleteWorkspace, workspacesKey } from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import { DeletionDialog } from "@/components/DeletionDialog";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";

type Props = { workspace: Workspace; onClose: () => void };

/** Deletes a workspace with its files. */
export function DeleteWorkspaceDialog({ workspace: { id, name }, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => deleteWorkspace(id),
    onSuccess: () => {
      queries.setQueryData<Workspace[]>(workspacesKey, (list) =>
        list?.filter((one) => one.id !== id),
      );
      toast.message(t("ide.deleted", { name }));
      onClose();
    },
  });
  return (
    <DeletionDialog
      title={t("ide.deleteTitle", { name })}
      description={t("ide.deleteBody")}
      action={t("ide.deleteAction")}
      name={name}
      remove={mutate}
      pending={isPending}
      error={error}
      onClose={onClose}
    />
  );
}
