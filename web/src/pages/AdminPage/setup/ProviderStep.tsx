import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Info } from "lucide-react";
import { checkProvider } from "@/api/queries/admin/checks";
import { overviewQuery } from "@/api/queries/admin/overview";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { toldText } from "@/lib/errorText";
import { formatNumber, toNumber } from "@/lib/format";
import { Step, type StepProps } from "./Step";

/** A provider with a key that works: it is really asked. */
export function ProviderStep({ number, done, onDone }: StepProps) {
  const { t } = useTranslation();
  const overview = useQuery(overviewQuery);
  const names = (overview.data?.providers ?? []).map(({ name }) => name);
  const real = names.filter((name) => name !== "demo");
  return (
    <Step step="provider" number={number} done={done}>
      {overview.error && !overview.data && (
        <ErrorNotice error={overview.error} onRetry={() => overview.refetch()} />
      )}
      {overview.isPending && <Skeleton className="h-9 w-40" />}
      {overview.data && real.length === 0 && (
        <Notice kind="warning" icon={Info}>
          {t("admin.setup.provider.none")}
        </Notice>
      )}
      {names.map((name) => (
        <Provider key={name} name={name} onWorks={() => name !== "demo" && onDone(true)} />
      ))}
    </Step>
  );
}

function Provider({ name, onWorks }: { name: string; onWorks: () => void }) {
  const { t } = useTranslation();
  const check = useMutation({
    mutationFn: () => checkProvider(name),
    onSuccess: ({ works }) => works && onWorks(),
  });
  return (
    <div className="flex w-full flex-col items-start gap-2">
      <Button pending={check.isPending} onClick={() => check.mutate()}>
        {t("admin.setup.provider.check", { name })}
      </Button>
      {check.error && <ErrorNotice error={check.error} />}
      {check.data?.works && (
        <Notice kind="ok" icon={CircleCheck} announce>
          {t("admin.setup.provider.works", {
            model: check.data.model,
            ms: formatNumber(toNumber(check.data.firstPieceMs)),
            tokens: formatNumber(
              toNumber(check.data.inputTokens) + toNumber(check.data.outputTokens),
            ),
          })}
        </Notice>
      )}
      {check.data && !check.data.works && (
        <Notice kind="warning" icon={CircleAlert} announce>
          <p>{toldText(check.data.reason, check.data.problem)}</p>
          <p className="mt-0.5 font-mono text-xs">{check.data.reason}</p>
        </Notice>
      )}
    </div>
  );
}
