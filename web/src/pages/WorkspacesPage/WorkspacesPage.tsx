import { useQuery } from "@tanstack/react-query";
import { templatesQuery, workspacesQuery } from "@/api/queries/workspaces";
import { WorkspacesPageView } from "./WorkspacesPageView";

export function WorkspacesPage() {
  const workspaces = useQuery(workspacesQuery);
  const templates = useQuery(templatesQuery);
  return (
    <WorkspacesPageView
      workspaces={workspaces.data}
      templates={templates.data ?? []}
      error={workspaces.error}
      onReload={() => workspaces.refetch()}
    />
  );
}
