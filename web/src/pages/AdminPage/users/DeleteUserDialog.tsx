import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { deleteUser, userQuery, usersKey } from "@/api/queries/admin/users";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";

type Props = { user: User; onClose: () => void; onDeleted: () => void };

/** Deleting an account deletes all that it has, so it asks for the name. */
export function DeleteUserDialog({ user: { id, username }, onClose, onDeleted }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const remove = useMutation({
    mutationFn: () => deleteUser(id),
    onSuccess: () => {
      onDeleted();
      queries.removeQueries({ queryKey: userQuery(id).queryKey });
      void queries.invalidateQueries({ queryKey: [...usersKey, "list"] });
      toast.message(t("admin.users.deleted", { name: username }));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed === username && !remove.isPending) remove.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("admin.users.deleteTitle", { name: username })}
      description={t("admin.users.deleteBody")}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {remove.error && <ErrorNotice error={remove.error} />}
        <Field
          label={t("common.typeToConfirm", { username })}
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
            disabled={typed !== username}
            pending={remove.isPending}
          >
            {t("admin.users.deleteAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
