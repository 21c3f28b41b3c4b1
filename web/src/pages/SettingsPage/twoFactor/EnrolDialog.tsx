import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { sessionKey } from "@/api/queries/session";
import { confirmAuthenticator, enrolAuthenticator } from "@/api/queries/twoFactor";
import { Dialog } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { CodeForm } from "./CodeForm";
import { RecoveryCodes } from "./RecoveryCodes";
import { Secret } from "./Secret";

type Props = { username: string; onClose: () => void };

/** Shows the secret, asks for a first code of it, and then shows the recovery codes, this once. */
export function EnrolDialog({ username, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const enrolment = useQuery({
    queryKey: ["enrolment"],
    queryFn: enrolAuthenticator,
    // Each answer is another secret, and none is to be found later.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const confirm = useMutation({
    mutationFn: confirmAuthenticator,
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionKey }),
  });
  const codes = confirm.data;
  return (
    <Dialog
      open
      keep
      onOpenChange={(open) => !open && onClose()}
      title={t(codes ? "settings.codesTitle" : "settings.twoFactorSetUp")}
      description={t(codes ? "settings.codesLead" : "settings.enrolLead")}
    >
      {codes && <RecoveryCodes username={username} codes={codes} onDone={onClose} />}
      {!codes && enrolment.error && (
        <ErrorNotice error={enrolment.error} onRetry={enrolment.refetch} />
      )}
      {!codes && enrolment.isPending && (
        <Loading className="flex justify-center">
          <Skeleton className="size-[196px]" />
        </Loading>
      )}
      {!codes && enrolment.data && (
        <>
          <Secret enrolment={enrolment.data} />
          <CodeForm
            label={t("settings.enrolCode")}
            submit={t("settings.enrolConfirm")}
            pending={confirm.isPending}
            error={confirm.error}
            onSubmit={confirm.mutate}
          />
        </>
      )}
    </Dialog>
  );
}
