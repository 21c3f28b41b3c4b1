import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { resetPassword } from "@/api/queries/password";
import { sessionKey } from "@/api/queries/session";
import { forgetResetToken, resetToken } from "@/lib/resetToken";
import { ResetPageView } from "./ResetPageView";

export function ResetPage() {
  const queries = useQueryClient();
  const [token] = useState(resetToken);
  const reset = useMutation({
    mutationFn: (newPassword: string) => resetPassword({ token: token ?? "", newPassword }),
    onSuccess: () => {
      forgetResetToken();
      // Whoever is signed in here may have been signed out by it.
      void queries.invalidateQueries({ queryKey: sessionKey });
    },
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
