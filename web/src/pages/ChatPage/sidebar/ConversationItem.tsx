import { Link } from "@tanstack/react-router";
import { Ellipsis } from "lucide-react";
import type { Conversation } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { usePhase } from "@/turns/TurnsProvider";
import { ConversationMenu } from "../conversation/ConversationMenu";

type Props = { conversation: Conversation; onOpen?: () => void };

export function ConversationItem({ conversation, onOpen }: Props) {
  const { t } = useTranslation();
  const answering = usePhase(conversation.id) !== undefined;
  const unnamed = conversation.unreadable ? t("chat.unreadableTitle") : t("chat.untitled");
  const title = conversation.title || unnamed;
  return (
    <li className="group relative">
      <Link
        to="/chat/$conversationId"
        params={{ conversationId: conversation.id }}
        onClick={onOpen}
        title={title}
        className="flex h-9 items-center gap-2 rounded-md pe-9 ps-2.5 text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-active aria-[current=page]:text-ink"
      >
        {answering && (
          <span
            aria-hidden
            className="size-1.5 shrink-0 animate-pulse-soft rounded-full bg-accent"
          />
        )}
        <span className="truncate">{title}</span>
      </Link>
      <ConversationMenu
        conversation={conversation}
        trigger={
          <IconButton
            small
            label={t("chat.actionsFor", { title })}
            className="absolute top-1 end-1 focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-fine:opacity-0"
          >
            <Ellipsis />
          </IconButton>
        }
      />
    </li>
  );
}
