import { useMutation, useQueryClient } from "@tanstack/react-query";
import { LogOut, ShieldOff, Trash2, UserRoundCheck, UserRoundX } from "lucide-react";
import { type ReactNode, useState } from "react";
import { revokeUserSessions, updateUser } from "@/api/queries/admin/users";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";
import { DeleteUserDialog } from "./DeleteUserDialog";
import { keepUser } from "./keepUser";

type Props = {
  user: User;
  own: boolean;
  /** The actor may not change this account. */
  locked: boolean;
  onDeleted: () => void;
};

/** What ends something for an account. */
export function UserActions({ user, own, locked, onDeleted }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const activate = useMutation({
    mutationFn: (isActive: boolean) => updateUser(user.id, { isActive }),
    onSuccess: (updated) => {
      keepUser(queries, updated);
      const key = updated.isActive ? "reactivated" : "nowSuspended";
      toast.success(t(`admin.users.${key}`, { name: updated.username }));
    },
  });
  const revoke = useMutation({
    mutationFn: () => revokeUserSessions(user.id),
    onSuccess: () => toast.success(t("admin.users.revoked", { name: user.username })),
  });
  const reset = useMutation({
    mutationFn: () => updateUser(user.id, { totpEnabled: false }),
    onSuccess: (updated) => {
      keepUser(queries, updated);
      toast.success(t("admin.users.factorReset", { name: updated.username }));
    },
  });
  const error = activate.error ?? revoke.error ?? reset.error;
  return (
    <div className="mt-6 border-t pt-5">
      {error && <ErrorNotice error={error} className="mb-4" />}
      <ul className="divide-y rounded-lg border">
        <Action text={t("admin.users.revokeHint")}>
          <Button
            size="sm"
            disabled={locked}
            pending={revoke.isPending}
            onClick={() => revoke.mutate()}
          >
            <LogOut aria-hidden /> {t("admin.users.revoke")}
          </Button>
        </Action>
        {user.totpEnabled && (
          <Action text={t("admin.users.resetHint")}>
            <Button
              size="sm"
              disabled={locked || own}
              pending={reset.isPending}
              onClick={() => reset.mutate()}
            >
              <ShieldOff aria-hidden /> {t("admin.users.reset")}
            </Button>
          </Action>
        )}
        <Action text={t(user.isActive ? "admin.users.suspendHint" : "admin.users.activateHint")}>
          <Button
            size="sm"
            disabled={locked || own}
            pending={activate.isPending}
            onClick={() => activate.mutate(!user.isActive)}
          >
            {user.isActive ? <UserRoundX aria-hidden /> : <UserRoundCheck aria-hidden />}
            {t(user.isActive ? "admin.users.suspend" : "admin.users.activate")}
          </Button>
        </Action>
        <Action text={t("admin.users.deleteHint")}>
          <Button
            size="sm"
            variant="danger"
            disabled={locked || own}
            onClick={() => setDeleting(true)}
          >
            <Trash2 aria-hidden /> {t("common.delete")}
          </Button>
        </Action>
      </ul>
      {deleting && (
        <DeleteUserDialog user={user} onClose={() => setDeleting(false)} onDeleted={onDeleted} />
      )}
    </div>
  );
}

function Action({ text, children }: { text: string; children: ReactNode }) {
  return (
    <li className="flex items-center gap-4 px-4 py-3">
      <p className="min-w-0 grow text-ink-soft">{text}</p>
      {children}
    </li>
  );
}
