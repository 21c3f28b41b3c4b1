import { Archive, Ellipsis, Link as LinkIcon } from "lucide-react";
import type { Conversation } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { IconButton } from "@/components/ui/IconButton";
import { Tooltip } from "@/components/ui/Tooltip";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, formatNumber, formatUsd, toNumber } from "@/lib/format";
import { ConversationMenu } from "./ConversationMenu";

type Props = { conversation: Conversation; title: string };

/** What conversation this is, what it has taken so far, and what can be done with it. */
export function ConversationHeader({ conversation, title }: Props) {
  const { t } = useTranslation();
  return (
    <div className="flex h-11 shrink-0 items-center gap-2 border-b pe-2 ps-4 sm:ps-5">
      <h1 className="min-w-0 grow truncate font-[560] text-sm tracking-normal">{title}</h1>
      {conversation.archived && (
        <Badge>
          <Archive aria-hidden className="me-1 inline size-3.5 align-[-2px]" />
          {t("chat.archivedBadge")}
        </Badge>
      )}
      {conversation.share && (
        <Badge kind="accent">
          <LinkIcon aria-hidden className="me-1 inline size-3.5 align-[-2px]" />
          {t("chat.share.badge")}
        </Badge>
      )}
      <ConversationUsage usage={conversation.usage} />
      <ConversationMenu
        conversation={conversation}
        trigger={
          <IconButton label={t("chat.actions")}>
            <Ellipsis />
          </IconButton>
        }
      />
    </div>
  );
}

/** The tokens and the money of all answers of the conversation; on a narrow screen the menu has them. */
function ConversationUsage({ usage }: Pick<Conversation, "usage">) {
  const { t } = useTranslation();
  const input = toNumber(usage?.inputTokens);
  const output = toNumber(usage?.outputTokens);
  if (!usage || input + output === 0) return null;
  return (
    <Tooltip
      label={t("chat.conversationUsage", {
        input: formatNumber(input),
        output: formatNumber(output),
        cost: formatUsd(usage.costUsd),
      })}
    >
      <p className="hidden shrink-0 text-ink-faint text-xs tabular-nums sm:block">
        {t("chat.tokensOf", { count: input + output, tokens: formatCompact(input + output) })}
        {" · "}
        {formatUsd(usage.costUsd)}
      </p>
    </Tooltip>
  );
}
