import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { login, sessionKey } from "@/api/queries/session";
import { safeNext } from "@/lib/redirect";
import { LoginPageView } from "./LoginPageView";

export function LoginPage() {
  const { next } = useSearch({ from: "/login" });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const signIn = useMutation({
    mutationFn: login,
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: sessionKey });
      await navigate({ href: safeNext(next), replace: true });
    },
  });
  return (
    <LoginPageView
      next={next}
      pending={signIn.isPending}
      error={signIn.error}
      onSubmit={signIn.mutate}
    />
  );
}
