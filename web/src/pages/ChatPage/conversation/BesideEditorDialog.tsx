import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { updateConversation } from "@/api/queries/conversations";
import { actOnWorkspace, workspacesQuery } from "@/api/queries/workspaces";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Select } from "@/components/ui/Select";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";

type Props = { conversation: Conversation; onClose: () => void };

/** Gives a conversation to a workspace, whose editor then has it, and opens it there. */
export function BesideEditorDialog({ conversation, onClose }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const workspaces = useQuery(workspacesQuery);
  const all = workspaces.data ?? [];
  const [chosen, setChosen] = useState(conversation.workspaceId);
  const running = all.find(({ status }) => status === "running");
  const workspace = all.find(({ id }) => id === chosen) ?? running ?? all[0];
  const open = useMutation({
    mutationFn: async (workspaceId: string) => {
      await updateConversation(conversation.id, { workspaceId });
      // The page of the workspace shows how the start goes, and what hinders it.
      if (workspace?.status === "stopped")
        await actOnWorkspace(workspaceId, "start").catch(() => 0);
    },
    onSuccess: (_, workspaceId) => {
      onClose();
      const search = { conversation: conversation.id };
      return navigate({ to: "/ide/workspace/$workspaceId", params: { workspaceId }, search });
    },
  });
  const error = workspaces.error ?? open.error;
  return (
    <Dialog
      open
      onOpenChange={(now) => !now && onClose()}
      title={t("chat.beside.title")}
      description={t("chat.beside.lead")}
    >
      {error && <ErrorNotice error={error} className="mb-4" />}
      {workspaces.isPending && (
        <Loading>
          <Skeleton className="h-10 w-full" />
        </Loading>
      )}
      {workspaces.data && !workspace && (
        <>
          <p className="text-ink-soft">{t("chat.code.noWorkspace")}</p>
          <DialogActions>
            <Button asChild variant="primary">
              <Link to="/ide">{t("chat.code.makeWorkspace")}</Link>
            </Button>
          </DialogActions>
        </>
      )}
      {workspace && (
        <>
          <Select
            label={t("chat.code.workspace")}
            options={all.map(({ id, name, status }) => ({
              value: id,
              label: `${name} · ${t(`ide.status.${status}`)}`,
            }))}
            value={workspace.id}
            onChange={(event) => setChosen(event.target.value)}
          />
          <DialogActions>
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button
              variant="primary"
              pending={open.isPending}
              onClick={() => open.mutate(workspace.id)}
            >
              {t("chat.beside.open")}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}
