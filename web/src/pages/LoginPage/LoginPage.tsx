import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { asApiError, hasReason } from "@/api/errors";
import { changePassword } from "@/api/queries/password";
import { signInOptionsQuery } from "@/api/queries/providers";
import { login, loginWithCode, sessionKey } from "@/api/queries/session";
import { useTranslation } from "@/i18n/useTranslation";
import { safeNext } from "@/lib/redirect";
import { refusalText } from "@/lib/refusals";
import { CodeView } from "./CodeView";
import { LoginPageView } from "./LoginPageView";
import { NewPasswordView } from "./NewPasswordView";

export function LoginPage() {
  const { t } = useTranslation();
  const { next, error: refusal } = useSearch({ from: "/login" });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const options = useQuery(signInOptionsQuery);
  const enter = async () => {
    await queries.resetQueries({ queryKey: sessionKey });
    await navigate({ href: safeNext(next), replace: true });
  };
  const signIn = useMutation({
    mutationFn: login,
    onSuccess: (user) => (user.mustChangePassword ? undefined : enter()),
  });
  const second = useMutation({
    mutationFn: loginWithCode,
    onSuccess: (user) => (user.mustChangePassword ? undefined : enter()),
    // The challenge is over: back to the password, with the reason above it.
    onError: (error) => hasReason(error, "TOTP_CHALLENGE_INVALID") && signIn.reset(),
  });
  const replace = useMutation({ mutationFn: changePassword, onSuccess: enter });

  const user = second.data ?? signIn.data;
  const currentPassword = signIn.variables?.password ?? "";
  if (user?.mustChangePassword) {
    return (
      <NewPasswordView
        username={user.username}
        pending={replace.isPending}
        error={replace.error}
        onSubmit={(newPassword) => replace.mutate({ currentPassword, newPassword })}
      />
    );
  }
  if (hasReason(signIn.error, "TOTP_REQUIRED")) {
    const { challenge = "" } = asApiError(signIn.error).metadata;
    return (
      <CodeView
        pending={second.isPending || second.isSuccess}
        error={second.error}
        onSubmit={(code) => second.mutate({ challenge, code })}
        onBack={() => {
          second.reset();
          signIn.reset();
        }}
      />
    );
  }
  const fromProvider = refusal && !signIn.isPending ? new Error(refusalText(t, refusal)) : null;
  return (
    <LoginPageView
      next={next}
      options={options.data}
      pending={signIn.isPending || signIn.isSuccess}
      error={signIn.error ?? second.error ?? fromProvider}
      onSubmit={(values) => {
        second.reset();
        signIn.mutate(values);
      }}
    />
  );
}
