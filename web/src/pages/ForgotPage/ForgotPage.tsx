import { useMutation, useQuery } from "@tanstack/react-query";
import { forgotPassword } from "@/api/queries/password";
import { signInOptionsQuery } from "@/api/queries/providers";
import { ForgotPageView } from "./ForgotPageView";

export function ForgotPage() {
  const options = useQuery(signInOptionsQuery);
  const ask = useMutation({ mutationFn: forgotPassword });
  return (
    <ForgotPageView
      mail={options.data?.mailConfigured ?? true}
      askedFor={ask.isSuccess ? ask.variables.email : undefined}
      pending={ask.isPending}
      error={ask.error}
      onSubmit={ask.mutate}
    />
  );
}
