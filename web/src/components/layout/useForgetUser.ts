import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { sessionKey } from "@/api/queries/session";
import { clearDrafts } from "@/lib/drafts";
import { useTurns } from "@/turns/TurnsProvider";

/** Goes to the start page and leaves nothing of the user in this browser. */
export function useForgetUser() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const turns = useTurns();
  return async () => {
    turns.reset();
    clearDrafts();
    await navigate({ to: "/" });
    queries.setQueryData(sessionKey, null);
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
  };
}
