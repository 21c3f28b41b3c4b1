import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sessionKey, updateProfile } from "@/api/queries/session";
import type { SignedIn, User } from "@/api/types";
import { errorText } from "@/lib/errorText";
import { type Setup, setupOf } from "./setup";
import { toast } from "./toast";

/** How far the user is in setting the deployment up, and the way to change it. */
export function useSetup(user: User) {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (setup: Setup) =>
      updateProfile({ settings: { setup } as object as Record<string, never> }),
    onSuccess: (updated) =>
      queries.setQueryData<SignedIn>(sessionKey, (now) => now && { ...now, user: updated }),
    onError: (error) => toast.error(errorText(error)),
  });
  return { setup: setupOf(user), change: change.mutate, pending: change.isPending };
}
