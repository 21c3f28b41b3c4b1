import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../../client";
import type { Meter, Workspace, WorkspaceStatus } from "../../types";

export type WorkspaceFilter = { userId?: string; status?: WorkspaceStatus };
/** Somebody's workspace; processor in thousandths of a core, memory in bytes. */
export type OwnedWorkspace = { workspace: Workspace; userId: string; cpu: Meter; memory: Meter };
type Page = { workspaces: OwnedWorkspace[]; nextPageToken: string };

export const allWorkspacesKey = ["admin", "workspaces"] as const;

/** The workspaces of all users; looked up anew every half minute, for what they use. */
export function allWorkspacesQuery(filter: WorkspaceFilter) {
  return infiniteQueryOptions({
    queryKey: [...allWorkspacesKey, filter],
    queryFn: ({ pageParam }) => {
      const query = { ...filter, pageToken: pageParam || undefined };
      return unwrap<Page>(api.GET("/api/admin/workspaces", { params: { query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
    refetchInterval: 30_000,
  });
}

export async function stopAnyWorkspace(id: string): Promise<void> {
  const params = { path: { id } };
  await unwrap(api.POST("/api/admin/workspaces/{id}/stop", { params, body: {} }));
}
