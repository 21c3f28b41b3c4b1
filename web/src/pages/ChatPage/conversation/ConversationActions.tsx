import {
  Archive,
  ArchiveRestore,
  CodeXml,
  FileDown,
  Pencil,
  Pin,
  PinOff,
  Settings2,
  Share2,
  Trash2,
} from "lucide-react";
import type { Conversation } from "@/api/types";
import { MenuItem, MenuLabel, MenuSeparator } from "@/components/ui/Menu";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, formatUsd, toNumber } from "@/lib/format";
import { useArchiveConversation } from "../sidebar/useArchiveConversation";
import { useDeleteConversation } from "../sidebar/useDeleteConversation";
import { useUpdateConversation } from "../sidebar/useUpdateConversation";
import { exportConversation } from "./exportConversation";

export type Asked = "rename" | "share" | "settings" | "beside";

type Props = { conversation: Conversation; onAsk: (what: Asked) => void };

/** The items of a conversation's menu. */
export function ConversationActions({ conversation, onAsk }: Props) {
  const { t } = useTranslation();
  const update = useUpdateConversation();
  const archive = useArchiveConversation();
  const remove = useDeleteConversation();
  const { id, pinned, archived, usage } = conversation;
  const tokens = toNumber(usage?.inputTokens) + toNumber(usage?.outputTokens);
  return (
    <>
      {usage && tokens > 0 && (
        <div className="tabular-nums sm:hidden">
          <MenuLabel>
            {t("chat.tokensOf", { count: tokens, tokens: formatCompact(tokens) })}
            {" · "}
            {formatUsd(usage.costUsd)}
          </MenuLabel>
        </div>
      )}
      <MenuItem onSelect={() => onAsk("rename")}>
        <Pencil aria-hidden /> {t("chat.rename")}
      </MenuItem>
      <MenuItem onSelect={() => update.mutate({ id, patch: { pinned: !pinned } })}>
        {pinned ? <PinOff aria-hidden /> : <Pin aria-hidden />}
        {pinned ? t("chat.unpin") : t("chat.pin")}
      </MenuItem>
      <MenuItem onSelect={() => archive(id, !archived)}>
        {archived ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}
        {archived ? t("chat.unarchive") : t("chat.archive")}
      </MenuItem>
      <MenuItem onSelect={() => onAsk("settings")}>
        <Settings2 aria-hidden /> {t("chat.settings.title")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={() => onAsk("share")}>
        <Share2 aria-hidden /> {t("chat.share.title")}
      </MenuItem>
      <MenuItem onSelect={() => onAsk("beside")}>
        <CodeXml aria-hidden /> {t("chat.beside.title")}
      </MenuItem>
      <MenuItem onSelect={() => exportConversation(conversation, "md")}>
        <FileDown aria-hidden /> {t("chat.exportMarkdown")}
      </MenuItem>
      <MenuItem onSelect={() => exportConversation(conversation, "json")}>
        <FileDown aria-hidden /> {t("chat.exportJSON")}
      </MenuItem>
      <MenuSeparator />
      <MenuItem danger onSelect={() => remove(id)}>
        <Trash2 aria-hidden /> {t("common.delete")}
      </MenuItem>
    </>
  );
}
