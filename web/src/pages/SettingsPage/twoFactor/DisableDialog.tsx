import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asApiError, hasReason } from "@/api/errors";
import { sessionKey } from "@/api/queries/session";
import { disableTwoFactor } from "@/api/queries/twoFactor";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { PasswordField } from "@/components/ui/PasswordField";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";

type Props = { user: User; onClose: () => void };

/** Turns two-factor authentication off; when the sign-in is long ago, after a proof of who asks. */
export function DisableDialog({ user, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [byPassword, setByPassword] = useState(false);
  const [asked, setAsked] = useState(false);
  const [proof, setProof] = useState("");
  const disable = useMutation({
    mutationFn: disableTwoFactor,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: sessionKey });
      toast.success(t("settings.twoFactorIsOff"));
      onClose();
    },
    onError: (error) => hasReason(error, "REAUTHENTICATION_REQUIRED") && setAsked(true),
  });
  const { error } = disable;
  const fields = error ? asApiError(error).fields : {};
  const wrong = error && (fields.code || fields.password) ? errorText(error) : undefined;
  const quiet = wrong || hasReason(error, "REAUTHENTICATION_REQUIRED");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (disable.isPending || (asked && proof.trim() === "")) return;
    if (!asked) disable.mutate({});
    else disable.mutate(byPassword ? { password: proof } : { code: proof.trim() });
  };
  const field = {
    autoFocus: true,
    value: proof,
    error: wrong,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => setProof(event.target.value),
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("settings.twoFactorOffTitle")}
      description={t("settings.twoFactorOffLead")}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {error && !quiet && <ErrorNotice error={error} />}
        {asked && (
          <>
            <p>{t("settings.reauthenticate")}</p>
            {byPassword ? (
              <PasswordField
                key="password"
                label={t("auth.currentPassword")}
                autoComplete="current-password"
                {...field}
              />
            ) : (
              <Field
                key="code"
                label={t("settings.codeOrRecovery")}
                autoComplete="one-time-code"
                autoCapitalize="none"
                spellCheck={false}
                maxLength={32}
                inputClassName="font-mono"
                {...field}
              />
            )}
            {user.hasPassword && (
              <button
                type="button"
                className="self-start text-accent-ink underline"
                onClick={() => {
                  setByPassword(!byPassword);
                  setProof("");
                  disable.reset();
                }}
              >
                {t(byPassword ? "settings.useCodeInstead" : "settings.usePasswordInstead")}
              </button>
            )}
          </>
        )}
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            type="submit"
            variant="danger"
            disabled={asked && proof.trim() === ""}
            pending={disable.isPending}
          >
            {t("settings.twoFactorOff")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
