import { Link } from "@tanstack/react-router";
import { Ellipsis, RotateCw, SquareTerminal, Trash2 } from "lucide-react";
import { useState } from "react";
import type { WorkspaceAction } from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/Menu";
import { FileItems } from "@/components/workspace/FileItems";
import { UploadDialog } from "@/components/workspace/UploadDialog";
import { useTranslation } from "@/i18n/useTranslation";
import "@/i18n/tools";
import { DeleteWorkspaceDialog } from "./DeleteWorkspaceDialog";

type Props = {
  workspace: Workspace;
  locked: boolean;
  onAction: (action: WorkspaceAction) => void;
};

export function WorkspaceMenu({ workspace, locked, onAction }: Props) {
  const { t } = useTranslation();
  const [deleting, setDeleting] = useState(false);
  const [uploading, setUploading] = useState(false);
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t("ide.actionsFor", { name: workspace.name })} disabled={locked}>
            <Ellipsis />
          </IconButton>
        }
      >
        <MenuItem disabled={workspace.status !== "running"} onSelect={() => onAction("restart")}>
          <RotateCw aria-hidden /> {t("ide.restart")}
        </MenuItem>
        {workspace.status === "running" && (
          <MenuItem asChild>
            <Link to="/ide/workspace/$workspaceId/terminal" params={{ workspaceId: workspace.id }}>
              <SquareTerminal aria-hidden /> {t("terminal.open")}
            </Link>
          </MenuItem>
        )}
        <FileItems workspaceId={workspace.id} onUpload={() => setUploading(true)} />
        <MenuSeparator />
        <MenuItem danger onSelect={() => setDeleting(true)}>
          <Trash2 aria-hidden /> {t("ide.delete")}
        </MenuItem>
      </Menu>
      {uploading && (
        <UploadDialog
          workspaceId={workspace.id}
          name={workspace.name}
          onClose={() => setUploading(false)}
        />
      )}
      {deleting && (
        <DeleteWorkspaceDialog workspace={workspace} onClose={() => setDeleting(false)} />
      )}
    </>
  );
}
