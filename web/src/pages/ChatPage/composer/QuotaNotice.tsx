import { useQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { usageQuery } from "@/api/queries/usage";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, toNumber } from "@/lib/format";
import { formatDate } from "@/lib/time";

/** From this share on, the end of the plan's tokens is worth a word. */
const near = 0.8;

/** Says beforehand that the month's tokens are running out, and when there are new ones. */
export function QuotaNotice() {
  const { t } = useTranslation();
  const { data } = useQuery(usageQuery);
  const used = toNumber(data?.aiTokens.used);
  const limit = toNumber(data?.aiTokens.limit);
  if (!data || limit < 0 || used < limit * near) return null;
  const date = data.aiTokens.resetsAt ? formatDate(data.aiTokens.resetsAt) : "";
  const left = Math.max(0, limit - used);
  return (
    <Notice kind="warning" icon={Gauge} announce className="mb-3 text-sm">
      {left === 0
        ? t("chat.quota", { date })
        : t("chat.quotaNear", { left: formatCompact(left), limit: formatCompact(limit), date })}
    </Notice>
  );
}
