import type { ConversationContext } from "@/api/types";
import { Meter } from "@/components/ui/Meter";
import { Tooltip } from "@/components/ui/Tooltip";
import { useTranslation } from "@/i18n/useTranslation";
import { formatNumber } from "@/lib/format";

/** How much of what the model can read at once the conversation takes. */
export function ContextMeter({ context }: { context: ConversationContext }) {
  const { t } = useTranslation();
  const { usedTokens, contextWindow, estimated, summarizeAboveTokens, summarizedMessages } =
    context;
  if (contextWindow === 0) return null;
  const label = [
    t(estimated ? "chat.context.about" : "chat.context.label", {
      used: formatNumber(usedTokens),
      window: formatNumber(contextWindow),
    }),
    summarizedMessages > 0
      ? t("chat.context.summarised", { count: summarizedMessages })
      : t("chat.context.later", { above: formatNumber(summarizeAboveTokens) }),
  ].join(" ");
  const share = usedTokens / contextWindow;
  // A first question is not nothing.
  const percent = share > 0 && share < 0.01 ? "< 1" : formatNumber(Math.round(share * 100));
  return (
    <Tooltip label={label}>
      <div className="mx-1 flex shrink-0 items-center gap-1.5">
        <Meter label={label} value={usedTokens} limit={contextWindow} className="@md:w-12 w-8" />
        <span aria-hidden className="@md:block hidden text-ink-faint text-xs tabular-nums">
          {t("chat.context.share", { percent })}
        </span>
      </div>
    </Tooltip>
  );
}
