import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { changePassword, login, sessionKey } from "@/api/queries/session";
import { safeNext } from "@/lib/redirect";
import { LoginPageView } from "./LoginPageView";
import { NewPasswordView } from "./NewPasswordView";

export function LoginPage() {
  const { next } = useSearch({ from: "/login" });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const enter = async () => {
    await queries.resetQueries({ queryKey: sessionKey });
    await navigate({ href: safeNext(next), replace: true });
  };
  const signIn = useMutation({
    mutationFn: login,
    onSuccess: (user) => (user.mustChangePassword ? undefined : enter()),
  });
  const replace = useMutation({ mutationFn: changePassword, onSuccess: enter });
  if (signIn.data?.mustChangePassword) {
    const currentPassword = signIn.variables.password;
    return (
      <NewPasswordView
        username={signIn.data.username}
        pending={replace.isPending}
        error={replace.error}
        onSubmit={(newPassword) => replace.mutate({ currentPassword, newPassword })}
      />
    );
  }
  return (
    <LoginPageView
      next={next}
      pending={signIn.isPending}
      error={signIn.error}
      onSubmit={signIn.mutate}
    />
  );
}
