import { useMutation } from "@tanstack/react-query";
import { isUnauthenticated } from "@/api/errors";
import { logout } from "@/api/queries/session";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";
import { useForgetUser } from "./useForgetUser";

/** Ends the session here and at the server, and forgets everything of the user. */
export function useSignOut() {
  const forget = useForgetUser();
  return useMutation({
    mutationFn: async () => {
      try {
        await logout();
      } catch (error) {
        if (!isUnauthenticated(error)) throw error;
      }
    },
    onSuccess: forget,
    onError: (error) => toast.error(errorText(error)),
  });
}
