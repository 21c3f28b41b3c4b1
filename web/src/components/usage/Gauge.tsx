import type { Meter as Figure, PlanUsage } from "@/api/types";
import { Meter } from "@/components/ui/Meter";
import { useTranslation } from "@/i18n/useTranslation";
import { toNumber } from "@/lib/format";
import { formatDate } from "@/lib/time";

/** The month's money as a figure of the plan. */
export function budgetFigure({ budget }: PlanUsage): Figure {
  return { used: budget.usedUsd, limit: budget.limitUsd, resetsAt: budget.resetsAt };
}

type GaugeProps = { label: string; figure: Figure; format: (value: number) => string };

/** How much of a month's limit is used. */
export function Gauge({ label, figure, format }: GaugeProps) {
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
