import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { resetPassword } from "@/api/queries/password";
import { sessionKey } from "@/api/queries/session";
import { onResetToken, resetToken } from "@/lib/resetToken";
import { ResetPageView } from "./ResetPageView";

export function ResetPage() {
  const token = useSyncExternalStore(onResetToken, resetToken);
  return <Reset key={token} token={token} />;
}

function Reset({ token }: { token: string | undefined }) {
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: (newPassword: string) => resetPassword({ token: token ?? "", newPassword }),
    // Whoever is signed in here may have been signed out by it.
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionKey }),
  });
  return (
    <ResetPageView
      complete={Boolean(token)}
      done={reset.isSuccess}
      pending={reset.isPending}
      error={reset.error}
      onSubmit={reset.mutate}
    />
  );
}
