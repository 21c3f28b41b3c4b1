import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { isNotFound } from "@/api/errors";
import { isChanging, workspaceQuery } from "@/api/queries/workspaces";
import { useWorkspaceAction } from "@/components/workspace/useWorkspaceAction";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { useWorkspaceEvents } from "./useWorkspaceEvents";
import { WorkspacePageView } from "./WorkspacePageView";

export function WorkspacePage() {
  const { workspaceId } = useParams({ from: "/ide/workspace/$workspaceId" });
  const workspace = useQuery(workspaceQuery(workspaceId));
  const events = useWorkspaceEvents(workspaceId);
  const action = useWorkspaceAction(workspaceId);
  const status = workspace.data?.status;
  const [wasOpen, setWasOpen] = useState(false);
  useEffect(() => {
    if (status === "running") setWasOpen(true);
    if (status === "starting") setWasOpen(false);
  }, [status]);

  if (isNotFound(workspace.error)) return <NotFoundPage />;
  return (
    <WorkspacePageView
      workspace={workspace.data}
      error={workspace.data ? null : workspace.error}
      onReload={() => workspace.refetch()}
      events={events}
      wasOpen={wasOpen}
      locked={action.isPending || (status !== undefined && isChanging(status))}
      onAction={action.mutate}
    />
  );
}
