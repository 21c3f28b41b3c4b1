import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { asApiError, isUnauthenticated } from "@/api/errors";
import { logout, sessionKey } from "@/api/queries/session";
import { clearDrafts } from "@/lib/drafts";
import { toast } from "@/lib/toast";
import { useTurns } from "@/turns/TurnsProvider";

/** Ends the session here and at the server, and forgets everything of the user. */
export function useSignOut() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const turns = useTurns();
  return useMutation({
    mutationFn: async () => {
      try {
        await logout();
      } catch (error) {
        if (!isUnauthenticated(error)) throw error;
      }
    },
    onSuccess: async () => {
      turns.reset();
      clearDrafts();
      await navigate({ to: "/" });
      queries.setQueryData(sessionKey, null);
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
    },
    onError: (error) => toast.error(asApiError(error).message),
  });
}
