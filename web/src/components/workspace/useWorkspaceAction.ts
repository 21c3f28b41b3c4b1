import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  actOnWorkspace,
  type WorkspaceAction,
  workspaceKey,
  workspacesKey,
} from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";

/** Starts, stops or restarts a workspace; the answer is its new status at once. */
export function useWorkspaceAction(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (action: WorkspaceAction) => actOnWorkspace(id, action),
    onSuccess: (workspace) => {
      queries.setQueryData(workspaceKey(id), workspace);
      queries.setQueryData<Workspace[]>(workspacesKey, (list) =>
        list?.map((one) => (one.id === id ? workspace : one)),
      );
    },
    onError: (error) => {
      toast.error(errorText(error));
      // It may have changed under the user: show what it is now.
      void queries.invalidateQueries({ queryKey: workspaceKey(id) });
      void queries.invalidateQueries({ queryKey: workspacesKey });
    },
  });
}
