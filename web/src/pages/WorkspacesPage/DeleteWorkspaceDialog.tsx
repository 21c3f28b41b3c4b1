import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { deleteWorkspace, workspacesKey } from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";

type Props = { workspace: Workspace; onClose: () => void };

/** Deleting a workspace deletes its files, so it asks for the name. */
export function DeleteWorkspaceDialog({ workspace: { id, name }, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () => deleteWorkspace(id),
    onSuccess: () => {
      queries.setQueryData<Workspace[]>(workspacesKey, (list) =>
        list?.filter((one) => one.id !== id),
      );
      toast.message(t("ide.deleted", { name }));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed === name && !remove.isPending) remove.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("ide.deleteTitle", { name })}
      description={t("ide.deleteBody")}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        {remove.error && <ErrorNotice error={remove.error} />}
        <Field
          label={t("ide.deleteConfirm", { name })}
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            type="submit"
            variant="danger"
            disabled={typed !== name}
            pending={remove.isPending}
          >
            {t("ide.deleteAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
