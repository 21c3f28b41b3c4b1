import { useQuery } from "@tanstack/react-query";
import { modelsQuery } from "@/api/queries/models";
import type { Message } from "@/api/types";
import { Tooltip } from "@/components/ui/Tooltip";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, formatNumber, formatUsd } from "@/lib/format";

/** Which model answered, and what it took. */
export function MessageUsage({ message: { model, usage } }: { message: Message }) {
  const { t } = useTranslation();
  const { data: models } = useQuery(modelsQuery);
  const name = models?.find((one) => one.id === model)?.displayName ?? model;
  const counted = usage && usage.inputTokens + usage.outputTokens > 0;
  return (
    <p className="ms-1.5 flex flex-wrap gap-x-2 text-ink-faint text-xs tabular-nums">
      <span>{name}</span>
      {counted && (
        <Tooltip
          label={t("chat.tokensLabel", {
            input: formatNumber(usage.inputTokens),
            output: formatNumber(usage.outputTokens),
            cost: formatUsd(usage.costUsd),
          })}
        >
          <span>
            {t("chat.tokens", {
              input: formatCompact(usage.inputTokens),
              output: formatCompact(usage.outputTokens),
            })}
            {" · "}
            {formatUsd(usage.costUsd)}
          </span>
        </Tooltip>
      )}
    </p>
  );
}
