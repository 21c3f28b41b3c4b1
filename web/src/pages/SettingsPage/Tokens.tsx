import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { revokeToken, tokensQuery } from "@/api/queries/tokens";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";
import { Section } from "./Section";
import { TokenRow } from "./TokenRow";

const CreateTokenDialog = lazy(() =>
  import("./CreateTokenDialog").then((module) => ({ default: module.CreateTokenDialog })),
);

export function Tokens({ user }: { user: User }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const tokens = useQuery(tokensQuery);
  const [creating, setCreating] = useState(false);
  const revoke = useMutation({
    mutationFn: revokeToken,
    onSuccess: () => toast.success(t("settings.tokenRevoked")),
    onError: (error: Error) => toast.error(errorText(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  return (
    <Section id="tokens" lead={t("settings.tokensLead")}>
      {tokens.isPending && (
        <Loading>
          <Skeleton className="h-12" />
        </Loading>
      )}
      {tokens.error && <ErrorNotice error={tokens.error} onRetry={tokens.refetch} />}
      {tokens.data?.length === 0 && <p className="text-ink-soft">{t("settings.tokensEmpty")}</p>}
      {tokens.data && tokens.data.length > 0 && (
        <ul className="divide-y rounded-lg border">
          {tokens.data.map((token) => (
            <TokenRow
              key={token.id}
              token={token}
              pending={revoke.isPending && revoke.variables === token.id}
              onRevoke={() => revoke.mutate(token.id)}
            />
          ))}
        </ul>
      )}
      <Button className="mt-4" onClick={() => setCreating(true)}>
        {t("settings.tokenNew")}
      </Button>
      {creating && (
        <Suspense fallback={null}>
          <CreateTokenDialog
            admin={user.roles.includes("admin")}
            onClose={() => setCreating(false)}
          />
        </Suspense>
      )}
    </Section>
  );
}
