import { Link } from "@tanstack/react-router";
import { Ellipsis, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { usePhase } from "@/turns/TurnsProvider";
import { RenameDialog } from "./RenameDialog";
import { useDeleteConversation } from "./useDeleteConversation";
import { useUpdateConversation } from "./useUpdateConversation";

type Props = { conversation: Conversation; onOpen?: () => void };

export function ConversationItem({ conversation, onOpen }: Props) {
  const { t } = useTranslation();
  const [renaming, setRenaming] = useState(false);
  const update = useUpdateConversation();
  const remove = useDeleteConversation();
  const answering = usePhase(conversation.id) !== undefined;
  const { id, pinned } = conversation;
  const title = conversation.title || t("chat.untitled");
  return (
    <li className="group relative">
      <Link
        to="/chat/$conversationId"
        params={{ conversationId: id }}
        onClick={onOpen}
        title={title}
        className="flex h-9 items-center gap-2 rounded-md pr-9 pl-2.5 text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-active aria-[current=page]:text-ink"
      >
        {answering && (
          <span
            aria-hidden
            className="size-1.5 shrink-0 animate-pulse-soft rounded-full bg-accent"
          />
        )}
        <span className="truncate">{title}</span>
      </Link>
      <Menu
        trigger={
          <IconButton
            small
            label={t("chat.actionsFor", { title })}
            className="absolute top-1 right-1 focus-visible:opacity-100 group-focus-within:opacity-100 group-hover:opacity-100 data-[state=open]:opacity-100 pointer-fine:opacity-0"
          >
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setRenaming(true)}>
          <Pencil aria-hidden /> {t("chat.rename")}
        </MenuItem>
        <MenuItem onSelect={() => update.mutate({ id, patch: { pinned: !pinned } })}>
          {pinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
          {pinned ? t("chat.unpin") : t("chat.pin")}
        </MenuItem>
        <MenuSeparator />
        <MenuItem danger onSelect={() => remove(id)}>
          <Trash2 aria-hidden /> {t("common.delete")}
        </MenuItem>
      </Menu>
      {renaming && (
        <RenameDialog
          conversation={conversation}
          onRename={(next) => update.mutate({ id, patch: { title: next } })}
          onClose={() => setRenaming(false)}
        />
      )}
    </li>
  );
}
