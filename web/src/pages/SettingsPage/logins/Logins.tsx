import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { hasReason } from "@/api/errors";
import {
  identitiesQuery,
  linkIdentity,
  signInOptionsQuery,
  unlinkIdentity,
} from "@/api/queries/providers";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { refusalText } from "@/lib/refusals";
import { toast } from "@/lib/toast";
import { Section } from "../Section";
import { IdentityRow } from "./IdentityRow";
import { SignInAgain } from "./SignInAgain";

type Props = {
  user: User;
  /** Why the login that was to be linked just now was not. */
  refusal?: string;
};

/** Other ways to sign in to the account. */
export function Logins({ user, refusal }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const options = useQuery(signInOptionsQuery);
  const identities = useQuery(identitiesQuery);
  const link = useMutation({
    mutationFn: linkIdentity,
    onSuccess: (url) => window.location.assign(url),
  });
  const unlink = useMutation({
    mutationFn: unlinkIdentity,
    onSuccess: () => toast.success(t("settings.unlinked")),
    onError: (error: Error) => toast.error(errorText(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: identitiesQuery.queryKey }),
  });
  const providers = options.data?.providers ?? [];
  const linked = identities.data ?? [];
  const error = options.error ?? identities.error;
  const nothing = options.data && identities.data && providers.length + linked.length === 0;
  const nameOf = (id: string) => providers.find((one) => one.id === id)?.displayName ?? id;
  return (
    <Section id="logins" lead={t("settings.loginsLead")}>
      {refusal && (
        <ErrorNotice
          className="mb-4"
          title={t("settings.linkFailed")}
          error={new Error(refusalText(t, refusal))}
        />
      )}
      {(options.isPending || identities.isPending) && !error && (
        <Loading>
          <Skeleton className="h-12" />
        </Loading>
      )}
      {error && (
        <ErrorNotice
          error={error}
          onRetry={() => {
            void options.refetch();
            void identities.refetch();
          }}
        />
      )}
      {nothing && <p className="text-ink-soft">{t("settings.loginsNone")}</p>}
      {linked.length > 0 && (
        <ul className="divide-y rounded-lg border">
          {linked.map((identity) => (
            <IdentityRow
              key={identity.id}
              identity={identity}
              provider={nameOf(identity.provider)}
              last={linked.length === 1 && !user.hasPassword}
              pending={unlink.isPending && unlink.variables === identity.id}
              onUnlink={() => unlink.mutate(identity.id)}
            />
          ))}
        </ul>
      )}
      {link.error &&
        (hasReason(link.error, "REAUTHENTICATION_REQUIRED") ? (
          <SignInAgain className="mt-4">{t("settings.linkSignInAgain")}</SignInAgain>
        ) : (
          <ErrorNotice error={link.error} className="mt-4" />
        ))}
      {identities.data && providers.length > 0 && (
        <div className="mt-4 flex flex-wrap gap-2">
          {providers.map(({ id, displayName }) => (
            <Button
              key={id}
              pending={link.isPending && link.variables === id}
              onClick={() => link.mutate(id)}
            >
              {t("settings.link", { provider: displayName })}
            </Button>
          ))}
        </div>
      )}
    </Section>
  );
}
