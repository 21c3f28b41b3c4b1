import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError, hasReason } from "@/api/errors";
import { deleteAccount } from "@/api/queries/account";
import type { User } from "@/api/types";
import { DeletionDialog } from "@/components/DeletionDialog";
import { useForgetUser } from "@/components/layout/useForgetUser";
import { PasswordField } from "@/components/ui/PasswordField";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";
import { SignInAgain } from "./logins/SignInAgain";

type Props = { user: User; onClose: () => void };

/** Asks for the username, and for the password when the sign-in is long ago. */
export function DeleteAccountDialog({ user, onClose }: Props) {
  const { t } = useTranslation();
  const forget = useForgetUser();
  const [password, setPassword] = useState("");
  const [asked, setAsked] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteAccount(password),
    onSuccess: async () => {
      await forget();
      toast.message(t("settings.accountDeleted"));
    },
    onError: (error) => hasReason(error, "REAUTHENTICATION_REQUIRED") && setAsked(true),
  });
  const { error } = remove;
  const wrong = error && asApiError(error).fields.password ? errorText(error) : undefined;
  const stale = asked && !user.hasPassword;
  return (
    <DeletionDialog
      title={t("settings.deleteAccountTitle")}
      description={t("settings.deleteAccountBody")}
      action={t("settings.deleteAccountAction")}
      name={user.username}
      remove={remove.mutate}
      pending={remove.isPending}
      error={wrong || hasReason(error, "REAUTHENTICATION_REQUIRED") ? null : error}
      ready={(!asked || password !== "") && !stale}
      onClose={onClose}
    >
      {stale && <SignInAgain>{t("settings.deleteSignInAgain")}</SignInAgain>}
      {asked && !stale && (
        <PasswordField
          label={t("auth.password")}
          hint={t("settings.deletePasswordHint")}
          autoComplete="current-password"
          autoFocus
          value={password}
          error={wrong}
          onChange={(event) => setPassword(event.target.value)}
        />
      )}
    </DeletionDialog>
  );
}
