import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asApiError, hasReason } from "@/api/errors";
import { deleteAccount } from "@/api/queries/account";
import type { User } from "@/api/types";
import { useForgetUser } from "@/components/layout/useForgetUser";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { PasswordField } from "@/components/ui/PasswordField";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";
import { SignInAgain } from "./logins/SignInAgain";

type Props = { user: User; onClose: () => void };

/** Asks for the username, and for the password when the sign-in is long ago. */
export function DeleteAccountDialog({ user, onClose }: Props) {
  const { t } = useTranslation();
  const forget = useForgetUser();
  const [typed, setTyped] = useState("");
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
  const wrong = error && asApiError(error).fields.password ? asApiError(error).message : undefined;
  const stale = asked && !user.hasPassword;
  const ready = typed === user.username && (!asked || password !== "") && !stale;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !remove.isPending) remove.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("settings.deleteAccountTitle")}
      description={t("settings.deleteAccountBody")}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {error && !wrong && !hasReason(error, "REAUTHENTICATION_REQUIRED") && (
          <ErrorNotice error={error} />
        )}
        <Field
          label={t("common.typeToConfirm", { username: user.username })}
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
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
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="danger" disabled={!ready} pending={remove.isPending}>
            {t("settings.deleteAccountAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
