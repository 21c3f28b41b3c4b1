import { useTranslation } from "react-i18next";
import type { Meter as Figure, PlanUsage } from "@/api/types";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Meter } from "@/components/ui/Meter";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { formatBytes, formatCompact, formatNumber, formatUsd, toNumber } from "@/lib/format";
import { formatDate } from "@/lib/time";

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
        </div>
      )}
    </section>
  );
}

type GaugeProps = { label: string; figure: Figure; format: (value: number) => string };

function Gauge({ label, figure, format }: GaugeProps) {
  const { t } = useTranslation();
  const used = toNumber(figure.used);
  const limit = toNumber(figure.limit);
  const text =
    limit < 0
      ? t("usage.ofUnlimited", { used: format(used) })
      : t("usage.of", { used: format(used), limit: format(limit) });
  return (
    <div>
      <p className="flex items-baseline justify-between gap-3">
        <span className="text-ink-soft">{label}</span>
        <span className="tabular-nums">{text}</span>
      </p>
      <Meter label={`${label}: ${text}`} value={used} limit={limit} className="mt-2" />
      {figure.resetsAt && limit >= 0 && (
        <p className="mt-1.5 text-ink-faint text-xs">
          {t("usage.resets", { date: formatDate(figure.resetsAt) })}
        </p>
      )}
    </div>
  );
}
