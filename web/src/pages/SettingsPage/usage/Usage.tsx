import { useQuery } from "@tanstack/react-query";
import { usageByDayQuery, usageByModelQuery, usageQuery } from "@/api/queries/usage";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { DayChart } from "@/components/usage/DayChart";
import { budgetFigure, Gauge } from "@/components/usage/Gauge";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, formatUsd, toNumber } from "@/lib/format";
import { daysBefore, usageDays, utcToday } from "@/lib/usageDays";
import { Section } from "../Section";

/** The month against the plan, by day and by model: the figures that are enforced. */
export function Usage() {
  const { t } = useTranslation();
  const usage = useQuery(usageQuery);
  const days = useQuery(usageByDayQuery);
  const models = useQuery(usageByModelQuery);
  const today = utcToday();
  return (
    <Section id="usage" lead={t("settings.usageLead")}>
      {usage.error && <ErrorNotice error={usage.error} onRetry={usage.refetch} />}
      {usage.isPending && (
        <Loading>
          <Skeleton className="h-12" />
        </Loading>
      )}
      {usage.data && (
        <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
          <Gauge label={t("usage.aiTokens")} figure={usage.data.aiTokens} format={formatCompact} />
          <Gauge label={t("usage.cost")} figure={budgetFigure(usage.data)} format={formatUsd} />
        </div>
      )}
      {days.data && days.data.length > 0 && (
        <div className="mt-7">
          <DayChart days={usageDays(days.data, daysBefore(today, 29), today)} />
        </div>
      )}
      {models.data && (
        <>
          <h3 className="mt-7 font-[560]">{t("settings.usageByModel")}</h3>
          {models.data.length === 0 && (
            <p className="mt-2 text-ink-soft">{t("settings.usageNone")}</p>
          )}
          <ul className="mt-2">
            {models.data.map((model) => (
              <li key={model.key} className="flex flex-wrap gap-x-4 border-b py-2 last:border-b-0">
                <span className="min-w-0 grow break-all">{model.key || "–"}</span>
                <span className="text-ink-soft tabular-nums">
                  {t("settings.usageRequests", { count: toNumber(model.requests) })}
                </span>
                <span className="tabular-nums">{formatUsd(toNumber(model.costUsd))}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}
