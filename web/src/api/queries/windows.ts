import { api, unwrap } from "../client";

/**
 * Has a file shown in a window in which the workspace's VS Code is open; false
 * when there is none. The line counts from 1.
 */
export async function showFile(workspaceId: string, path: string, line: number): Promise<boolean> {
  const params = { path: { workspace_id: workspaceId } };
  const answer = unwrap<{ shown: boolean }>(
    api.POST("/api/ide/workspaces/{workspace_id}/windows/requests", {
      params,
      body: { path, line, column: 1 },
    }),
  );
  return (await answer).shown;
}
