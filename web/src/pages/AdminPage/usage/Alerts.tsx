import { useState } from "react";
import type { BudgetAlert } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { formatNumber, formatUsd } from "@/lib/format";
import { formatDateTime } from "@/lib/time";

const looks = { pending: "warning", delivered: "ok", failed: "bad", off: "neutral" } as const;

/** How many alerts are shown unasked. */
const few = 4;

/** Who has come to which part of a limit this month, and whether word of it went out. */
export function Alerts({ alerts }: { alerts: BudgetAlert[] }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  return (
    <section aria-labelledby="alerts-title" className="rounded-lg border p-5">
      <h2 id="alerts-title" className="text-[16px]">
        {t("admin.usage.alerts")}
      </h2>
      {alerts.length === 0 && <p className="mt-4 text-ink-soft">{t("admin.usage.alertsNone")}</p>}
      <ul className="mt-2">
        {alerts.slice(0, all ? undefined : few).map((alert) => (
          <AlertRow key={`${alert.userId} ${alert.kind} ${alert.percent}`} alert={alert} />
        ))}
      </ul>
      {alerts.length > few && !all && (
        <Button className="mt-3" onClick={() => setAll(true)}>
          {t("admin.usage.alertsAll", { count: alerts.length })}
        </Button>
      )}
    </section>
  );
}

function AlertRow({ alert }: { alert: BudgetAlert }) {
  const { t } = useTranslation();
  const amount = alert.kind === "budget" ? formatUsd : formatNumber;
  return (
    <li className="border-b py-2.5 last:border-b-0">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <b className="font-[620]">
          {alert.userId ? alert.username || alert.userId : t("admin.usage.alertWho")}
        </b>
        <span className="text-ink-soft">
          {t("admin.usage.alertText", {
            percent: alert.percent,
            what: t(`admin.usage.kinds.${alert.kind}`),
            used: amount(alert.used),
            limit: amount(alert.limit),
          })}
        </span>
      </p>
      <p className="mt-1 flex flex-wrap items-center gap-2 text-ink-faint text-xs">
        <time dateTime={alert.raisedAt}>{formatDateTime(alert.raisedAt)}</time>
        {alert.deliveries.map(({ channel, status, reason }) => (
          <Badge key={channel} kind={looks[status]}>
            {t(`admin.usage.deliveries.${status}`, {
              channel: t(`admin.usage.channels.${channel}`),
            })}
            {reason && ` · ${reason}`}
          </Badge>
        ))}
      </p>
    </li>
  );
}
