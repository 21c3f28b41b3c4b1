import { useTranslation } from "@/i18n/useTranslation";
import { formatNumber, formatUsd } from "@/lib/format";
import { formatDate } from "@/lib/time";
import { bars, type UsageDay } from "@/lib/usageDays";

type Props = { days: UsageDay[] };

/** Usage by day: a bar for each, and the same as a list for who can't see them. */
export function DayChart({ days }: Props) {
  const { t } = useTranslation();
  const { of, heights } = bars(days);
  const value = (day: UsageDay) => (of === "cost" ? formatUsd(day.cost) : formatNumber(day.tokens));
  const text = (day: UsageDay) =>
    t("usage.chartDay", { day: formatDate(`${day.day}T12:00:00Z`), value: value(day) });
  const top = days[heights.indexOf(1)];
  return (
    <figure>
      <figcaption className="flex items-baseline justify-between gap-3 text-ink-soft text-xs">
        <span>{t(of === "cost" ? "usage.chart" : "usage.chartTokens")}</span>
        {top && <span className="tabular-nums">{value(top)}</span>}
      </figcaption>
      <div aria-hidden className="mt-2 flex h-28 items-end gap-px border-b sm:gap-0.5">
        {days.map((day, i) => (
          <div key={day.day} title={text(day)} className="flex h-full min-w-0 flex-1 items-end">
            <div
              className="min-h-px w-full rounded-t-xs bg-accent"
              style={{ height: `${(heights[i] ?? 0) * 100}%` }}
            />
          </div>
        ))}
      </div>
      <div aria-hidden className="mt-1 flex justify-between text-ink-faint text-xs">
        {days[0] && <span>{formatDate(`${days[0].day}T12:00:00Z`)}</span>}
        {days.length > 1 && <span>{formatDate(`${days.at(-1)?.day}T12:00:00Z`)}</span>}
      </div>
      <ul className="sr-only">
        {days.map((day) => (
          <li key={day.day}>{text(day)}</li>
        ))}
      </ul>
    </figure>
  );
}
