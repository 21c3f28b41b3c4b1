import { useMutation, useQueryClient } from "@tanstack/react-query";
import { deleteUser, userQuery, usersKey } from "@/api/queries/admin/users";
import type { User } from "@/api/types";
import { DeletionDialog } from "@/components/DeletionDialog";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";

type Props = { user: User; onClose: () => void; onDeleted: () => void };

/** Deletes an account, and with it all that it has. */
export function DeleteUserDialog({ user: { id, username }, onClose, onDeleted }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => deleteUser(id),
    onSuccess: () => {
      onDeleted();
      queries.removeQueries({ queryKey: userQuery(id).queryKey });
      void queries.invalidateQueries({ queryKey: [...usersKey, "list"] });
      toast.message(t("admin.users.deleted", { name: username }));
    },
  });
  return (
    <DeletionDialog
      title={t("admin.users.deleteTitle", { name: username })}
      description={t("admin.users.deleteBody")}
      action={t("admin.users.deleteAction")}
      name={username}
      remove={mutate}
      pending={isPending}
      error={error}
      onClose={onClose}
    />
  );
}
