import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { OpenedWorkspace, WorkspacePort } from "../types";

/** What listens in a running workspace, looked up anew each time it is shown. */
export function portsQuery(workspaceId: string) {
  return queryOptions({
    queryKey: ["workspace", workspaceId, "ports"],
    queryFn: async () => {
      const params = { path: { workspace_id: workspaceId } };
      const answer = unwrap<{ ports: WorkspacePort[] }>(
        api.GET("/api/ide/workspaces/{workspace_id}/ports", { params }),
      );
      return (await answer).ports;
    },
    refetchInterval: 3_000,
    staleTime: 0,
  });
}

export async function openPort(id: string, port: number): Promise<OpenedWorkspace> {
  const params = { path: { id, port } };
  return unwrap<OpenedWorkspace>(
    api.POST("/api/ide/workspaces/{id}/ports/{port}/open", { params, body: {} }),
  );
}

/** Lets everybody who is signed in open a port, or its owner alone again. */
export async function sharePort(id: string, port: number, shared: boolean): Promise<WorkspacePort> {
  const params = { path: { id, port } };
  const body = { visibility: shared ? "users" : "private" };
  return unwrap<WorkspacePort>(api.PUT("/api/ide/workspaces/{id}/ports/{port}", { params, body }));
}
