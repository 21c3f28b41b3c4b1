import { queryOptions } from "@tanstack/react-query";
import { api, idempotent, unwrap } from "../client";
import type {
  OpenedWorkspace,
  Template,
  Workspace,
  WorkspaceStats,
  WorkspaceStatus,
} from "../types";

export const workspacesKey = ["workspaces"] as const;

/** A status that changes by itself; nothing may be asked of such a workspace. */
export function isChanging(status: WorkspaceStatus): boolean {
  return status === "starting" || status === "stopping";
}

function pollEvery(changing: boolean) {
  return changing ? 1_500 : 15_000;
}

export const workspacesQuery = queryOptions({
  queryKey: workspacesKey,
  queryFn: async () => {
    const query = { pageSize: 200 };
    const page = unwrap<{ workspaces: Workspace[] }>(
      api.GET("/api/ide/workspaces", { params: { query } }),
    );
    return (await page).workspaces;
  },
  refetchInterval: (query) =>
    pollEvery(query.state.data?.some((workspace) => isChanging(workspace.status)) ?? false),
});

export function workspaceKey(id: string) {
  return ["workspace", id] as const;
}

export function workspaceQuery(id: string) {
  return queryOptions({
    queryKey: workspaceKey(id),
    queryFn: () =>
      unwrap<Workspace>(api.GET("/api/ide/workspaces/{id}", { params: { path: { id } } })),
    refetchInterval: (query) => {
      const status = query.state.data?.status;
      return status ? pollEvery(isChanging(status)) : false;
    },
  });
}

/** What a running workspace uses now: thousandths of a core, and bytes. */
export function statsQuery(id: string) {
  return queryOptions({
    queryKey: ["workspace", id, "stats"],
    queryFn: () => {
      const params = { path: { workspace_id: id } };
      return unwrap<WorkspaceStats>(
        api.GET("/api/ide/workspaces/{workspace_id}/stats", { params }),
      );
    },
    refetchInterval: 10_000,
  });
}

export const templatesQuery = queryOptions({
  queryKey: ["templates"],
  queryFn: async () =>
    (await unwrap<{ templates: Template[] }>(api.GET("/api/ide/templates"))).templates,
  staleTime: Number.POSITIVE_INFINITY,
});

/** The tail of the editor's own log, for a start that failed. */
export function logsQuery(workspaceId: string) {
  return queryOptions({
    queryKey: ["workspace", workspaceId, "logs"],
    queryFn: async () => {
      const params = { path: { workspace_id: workspaceId } };
      const logs = unwrap<{ lines: string[] }>(
        api.GET("/api/ide/workspaces/{workspace_id}/logs", { params }),
      );
      return (await logs).lines;
    },
    retry: false,
  });
}

export async function createWorkspace(body: { name: string; template: string; gitUrl?: string }) {
  return unwrap<Workspace>(api.POST("/api/ide/workspaces", { body, headers: idempotent() }));
}

export type WorkspaceAction = "start" | "stop" | "restart" | "extend";

export async function actOnWorkspace(id: string, action: WorkspaceAction): Promise<Workspace> {
  const options = { params: { path: { id } }, body: {} };
  switch (action) {
    case "start":
      return unwrap<Workspace>(api.POST("/api/ide/workspaces/{id}/start", options));
    case "stop":
      return unwrap<Workspace>(api.POST("/api/ide/workspaces/{id}/stop", options));
    case "restart":
      return unwrap<Workspace>(api.POST("/api/ide/workspaces/{id}/restart", options));
    case "extend":
      return unwrap<Workspace>(api.POST("/api/ide/workspaces/{id}/extend", options));
  }
}

export async function openWorkspace(id: string): Promise<OpenedWorkspace> {
  const params = { path: { id } };
  return unwrap<OpenedWorkspace>(api.POST("/api/ide/workspaces/{id}/open", { params, body: {} }));
}

export async function deleteWorkspace(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/ide/workspaces/{id}", { params: { path: { id } } }));
}
