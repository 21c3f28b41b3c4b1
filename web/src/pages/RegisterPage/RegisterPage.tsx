import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { signInOptionsQuery } from "@/api/queries/providers";
import { register, sessionKey } from "@/api/queries/session";
import { safeNext } from "@/lib/redirect";
import { RegisterPageView } from "./RegisterPageView";

export function RegisterPage() {
  const { next } = useSearch({ from: "/register" });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const options = useQuery(signInOptionsQuery);
  const create = useMutation({
    mutationFn: register,
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: sessionKey });
      await navigate({ href: safeNext(next), replace: true });
    },
  });
  return (
    <RegisterPageView
      next={next}
      options={options.data}
      pending={create.isPending}
      error={create.error}
      onSubmit={create.mutate}
    />
  );
}
