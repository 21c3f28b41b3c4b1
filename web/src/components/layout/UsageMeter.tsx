import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { usageQuery } from "@/api/queries/usage";
import { Meter } from "@/components/ui/Meter";
import { Tooltip } from "@/components/ui/Tooltip";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, toNumber } from "@/lib/format";

/** The month's AI tokens, small enough for the header. */
export function UsageMeter() {
  const { t } = useTranslation();
  const { data } = useQuery(usageQuery);
  if (!data) return null;
  const used = toNumber(data.aiTokens.used);
  const limit = toNumber(data.aiTokens.limit);
  if (limit < 0) return null;
  const label = t("usage.meter", { used: formatCompact(used), limit: formatCompact(limit) });
  return (
    <Tooltip label={label}>
      <Link
        to="/"
        hash="usage"
        aria-label={label}
        className="hidden items-center gap-2 rounded-md px-2 py-2 hover:bg-hover sm:flex"
      >
        <span aria-hidden>
          <Meter label={label} value={used} limit={limit} className="w-16" />
        </span>
        <span className="text-ink-faint text-xs tabular-nums">{formatCompact(used)}</span>
      </Link>
    </Tooltip>
  );
}
