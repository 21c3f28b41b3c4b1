import {
  Archive,
  ArchiveRestore,
  FileDown,
  Pencil,
  Pin,
  PinOff,
  Settings2,
  Share2,
  Trash2,
} from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/api/types";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { RenameDialog } from "../sidebar/RenameDialog";
import { useArchiveConversation } from "../sidebar/useArchiveConversation";
import { useDeleteConversation } from "../sidebar/useDeleteConversation";
import { useUpdateConversation } from "../sidebar/useUpdateConversation";
import { exportConversation } from "./exportConversation";

const ShareDialog = lazy(() => import("./ShareDialog").then((m) => ({ default: m.ShareDialog })));
const SettingsDialog = lazy(() =>
  import("./SettingsDialog").then((m) => ({ default: m.SettingsDialog })),
);

type Props = { conversation: Conversation; trigger: ReactNode };
type Open = "rename" | "share" | "settings" | null;

/** Everything that can be done with a whole conversation, in its list and on its page. */
export function ConversationMenu({ conversation, trigger }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Open>(null);
  const update = useUpdateConversation();
  const archive = useArchiveConversation();
  const remove = useDeleteConversation();
  const { id, pinned, archived } = conversation;
  const close = () => setOpen(null);
  return (
    <>
      <Menu trigger={trigger}>
        <MenuItem onSelect={() => setOpen("rename")}>
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
        <MenuItem onSelect={() => setOpen("settings")}>
          <Settings2 aria-hidden /> {t("chat.settings.title")}
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={() => setOpen("share")}>
          <Share2 aria-hidden /> {t("chat.share.title")}
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
      </Menu>
      {open === "rename" && (
        <RenameDialog
          conversation={conversation}
          onRename={(title) => update.mutate({ id, patch: { title } })}
          onClose={close}
        />
      )}
      <Suspense fallback={null}>
        {open === "share" && <ShareDialog conversation={conversation} onClose={close} />}
        {open === "settings" && <SettingsDialog conversation={conversation} onClose={close} />}
      </Suspense>
    </>
  );
}
