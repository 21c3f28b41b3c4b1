import type { PlanUsage } from "@/api/types";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { budgetFigure, Gauge } from "@/components/usage/Gauge";
import { useTranslation } from "@/i18n/useTranslation";
import { formatBytes, formatCompact, formatNumber, formatUsd, toNumber } from "@/lib/format";

type Props = { usage: PlanUsage | undefined; error: Error | null };

/** What the plan allows and what of it is used: the very figures that are enforced. */
export function UsagePanel({ usage, error }: Props) {
  const { t } = useTranslation();
  return (
    <section id="usage" aria-labelledby="usage-title" className="mt-12 rounded-lg border p-5">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 id="usage-title" className="grow text-[16px]">
          {t("usage.title")}
        </h2>
        {usage && (
          <p className="text-ink-soft">
            {t("usage.plan", { plan: usage.plan })}
            {" · "}
            {t("usage.cost")}:{" "}
            <b className="font-[620] text-ink">{formatUsd(toNumber(usage.costUsd))}</b>
          </p>
        )}
      </div>
      {error && <ErrorNotice error={error} className="mt-4" />}
      {!usage && !error && (
        <Loading className="mt-5 grid gap-6 sm:grid-cols-3">
          <Skeleton className="h-12" />
          <Skeleton className="h-12" />
          <Skeleton className="h-12" />
        </Loading>
      )}
      {usage && (
        <div className="mt-5 grid gap-x-8 gap-y-5 sm:grid-cols-3">
          <Gauge label={t("usage.aiTokens")} figure={usage.aiTokens} format={formatCompact} />
          <Gauge
            label={t("usage.ideHours")}
            figure={usage.ideHours}
            format={(hours) => formatNumber(hours, { maximumFractionDigits: 1 })}
          />
          <Gauge label={t("usage.storage")} figure={usage.storageBytes} format={formatBytes} />
          {usage.budget.limitUsd >= 0 && (
            <Gauge label={t("usage.budget")} figure={budgetFigure(usage)} format={formatUsd} />
          )}
        </div>
      )}
    </section>
  );
}
