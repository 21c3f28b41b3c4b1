import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import { logout, sessionKey } from "@/api/queries/session";
import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";

/** For what takes a fresh sign-in: leads to the sign-in page, and back to here. */
export function SignInAgain({ className, children }: { className?: string; children: ReactNode }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const leave = useMutation({
    mutationFn: logout,
    // Whoever watches the session leads on from here.
    onSuccess: () => queries.setQueryData(sessionKey, null),
    onError: (error) => toast.error(errorText(error)),
  });
  return (
    <Notice icon={KeyRound} kind="warning" announce className={className}>
      <p>{children}</p>
      <Button size="sm" className="mt-2.5" pending={leave.isPending} onClick={() => leave.mutate()}>
        {t("settings.signInAgain")}
      </Button>
    </Notice>
  );
}
