import { Ellipsis, MessageSquare, RotateCw, Square, Timer } from "lucide-react";
import { useState } from "react";
import type { WorkspaceAction } from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/components/ui/Menu";
import { FileItems } from "@/components/workspace/FileItems";
import { Isolation } from "@/components/workspace/Isolation";
import { reasonOf } from "@/components/workspace/reason";
import { StatusBadge } from "@/components/workspace/StatusBadge";
import { UploadDialog } from "@/components/workspace/UploadDialog";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { timeAgo } from "@/lib/time";
import { Ports, PortsMenu } from "./PortsMenu";
import { TerminalItem, TerminalLink } from "./TerminalLink";

type Props = {
  workspace: Workspace;
  locked: boolean;
  onAction: (action: WorkspaceAction) => void;
  chatOpen: boolean;
  onChat: () => void;
};

/** What the page's header says of the workspace, and what can be done with it. */
export function WorkspaceHeader({ workspace, locked, onAction, chatOpen, onChat }: Props) {
  const { t } = useTranslation();
  const { name, status, isolation, autostopAt } = workspace;
  const [uploading, setUploading] = useState(false);
  const idle = status !== "running" || locked;
  return (
    <>
      <span aria-hidden className="ms-1 h-5 border-s" />
      <h1 className="ms-1 truncate text-sm" title={name}>
        {name}
      </h1>
      {/* What runs shows that it does, and on a small screen its buttons need the room. */}
      <span className={cn("flex", status === "running" && "hidden sm:flex")}>
        <StatusBadge status={status} />
      </span>
      <span className="hidden truncate text-ink-soft text-xs lg:flex">
        <Isolation isolation={isolation} />
      </span>
      {status === "running" && <PortsMenu workspaceId={workspace.id} />}
      {status === "running" && <TerminalLink workspaceId={workspace.id} />}
      <IconButton
        small
        label={t("workspace.chatOpen")}
        aria-pressed={chatOpen}
        aria-keyshortcuts="Control+Shift+L"
        onClick={onChat}
      >
        <MessageSquare />
      </IconButton>
      <Menu
        align="start"
        trigger={
          <IconButton small label={t("ide.actionsFor", { name })}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuLabel>
          <Isolation isolation={isolation} />
        </MenuLabel>
        {status === "running" && autostopAt && (
          <MenuLabel>
            {reasonOf(t, workspace)} {t("ide.autostop", { time: timeAgo(autostopAt) })}
          </MenuLabel>
        )}
        {status === "running" && <TerminalItem workspaceId={workspace.id} />}
        <MenuItem disabled={idle} onSelect={() => onAction("extend")}>
          <Timer aria-hidden /> {t("ide.extend")}
        </MenuItem>
        <MenuItem disabled={idle} onSelect={() => onAction("restart")}>
          <RotateCw aria-hidden /> {t("ide.restart")}
        </MenuItem>
        <MenuItem disabled={idle} onSelect={() => onAction("stop")}>
          <Square aria-hidden /> {t("ide.stop")}
        </MenuItem>
        <MenuSeparator />
        <FileItems workspaceId={workspace.id} onUpload={() => setUploading(true)} />
        {status === "running" && (
          <div className="contents sm:hidden">
            <MenuSeparator />
            <MenuLabel>{t("workspace.ports")}</MenuLabel>
            <Ports workspaceId={workspace.id} />
          </div>
        )}
      </Menu>
      {uploading && (
        <UploadDialog workspaceId={workspace.id} name={name} onClose={() => setUploading(false)} />
      )}
    </>
  );
}
