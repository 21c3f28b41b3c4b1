import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { asApiError } from "@/api/errors";
import { workspaceKey, workspacesKey } from "@/api/queries/workspaces";
import { readEvents } from "@/api/sse";
import type { WorkspaceEvent } from "@/api/types";
import { backoff } from "@/lib/backoff";

type Follow = { id: string; signal: AbortSignal; onEvent: (event: WorkspaceEvent) => void };

/** Reads a workspace's events over as many connections as that takes. */
async function follow({ id, signal, onEvent }: Follow) {
  let last = 0;
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      const init = { headers: { "Last-Event-ID": String(last) }, signal };
      for await (const { name, data } of readEvents(`/api/ide/workspaces/${id}/events`, init)) {
        const event = data as WorkspaceEvent;
        if (name !== "step" || Number(event.seq) <= last) continue;
        last = Number(event.seq);
        attempt = 0;
        onEvent(event);
      }
    } catch (error) {
      // The page asks for the workspace itself too, and says when it is gone.
      if (signal.aborted || !asApiError(error).temporary) return;
    }
    await backoff(attempt, signal);
  }
}

/** What happens to a workspace while its page is open, as it happens. */
export function useWorkspaceEvents(id: string): WorkspaceEvent[] {
  const queries = useQueryClient();
  const [events, setEvents] = useState<WorkspaceEvent[]>([]);

  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // History arrives in one burst, which is worth one look at the workspace.
    const refresh = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        void queries.invalidateQueries({ queryKey: workspaceKey(id), exact: true });
        void queries.invalidateQueries({ queryKey: workspacesKey });
      }, 50);
    };
    const onEvent = (event: WorkspaceEvent) => {
      setEvents((list) => [...list, event]);
      refresh();
    };
    setEvents([]);
    void follow({ id, signal: abort.signal, onEvent });
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [id, queries]);

  return events;
}
