import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createToken, tokensQuery } from "@/api/queries/tokens";
import { Dialog } from "@/components/ui/Dialog";
import { useTranslation } from "@/i18n/useTranslation";
import { CreateTokenForm } from "./CreateTokenForm";
import { ShownToken } from "./ShownToken";

type Props = { admin: boolean; onClose: () => void };

/** Asks what a token is for, and then shows it, this once. */
export function CreateTokenDialog({ admin, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: createToken,
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  const made = create.data;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={made ? t("settings.tokenCreated") : t("settings.tokenNew")}
      description={made ? t("settings.tokenCreatedLead") : undefined}
    >
      {made ? (
        <ShownToken token={made.token} onDone={onClose} />
      ) : (
        <CreateTokenForm
          admin={admin}
          pending={create.isPending}
          error={create.error}
          onSubmit={create.mutate}
        />
      )}
    </Dialog>
  );
}
