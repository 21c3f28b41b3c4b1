import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sessionKey } from "@/api/queries/session";
import { renewRecoveryCodes } from "@/api/queries/twoFactor";
import { Dialog } from "@/components/ui/Dialog";
import { useTranslation } from "@/i18n/useTranslation";
import { CodeForm } from "./CodeForm";
import { RecoveryCodes } from "./RecoveryCodes";

type Props = { username: string; onClose: () => void };

/** Asks for a code, and then shows new recovery codes, this once. */
export function RenewDialog({ username, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const renew = useMutation({
    mutationFn: renewRecoveryCodes,
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionKey }),
  });
  const codes = renew.data;
  return (
    <Dialog
      open
      keep={Boolean(codes)}
      onOpenChange={(open) => !open && onClose()}
      title={t(codes ? "settings.codesTitle" : "settings.codesRenew")}
      description={t(codes ? "settings.codesLead" : "settings.codesRenewLead")}
    >
      {codes ? (
        <RecoveryCodes username={username} codes={codes} onDone={onClose} />
      ) : (
        <CodeForm
          label={t("auth.code")}
          submit={t("settings.codesRenewConfirm")}
          pending={renew.isPending}
          error={renew.error}
          onSubmit={renew.mutate}
        />
      )}
    </Dialog>
  );
}
