import { zodResolver } from "@hookform/resolvers/zod";
import { Link } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import type { SignInOptions } from "@/api/types";
import { AuthLayout } from "@/components/layout/AuthLayout";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { PasswordField } from "@/components/ui/PasswordField";
import { useTranslation } from "@/i18n/useTranslation";
import { z } from "@/lib/zod";
import { ProviderButtons } from "./ProviderButtons";

type Values = { login: string; password: string };

type Props = {
  next?: string;
  /** Undefined until they are known. */
  options: SignInOptions | undefined;
  pending: boolean;
  error: Error | null;
  onSubmit: (values: Values) => void;
};

export function LoginPageView({ next, options, pending, error, onSubmit }: Props) {
  const { t } = useTranslation();
  const needed = z.string().check(z.minLength(1, t("auth.required")));
  const form = useForm<Values>({
    resolver: zodResolver(z.object({ login: needed, password: needed })),
    defaultValues: { login: "", password: "" },
  });
  const { errors } = form.formState;
  return (
    <AuthLayout
      title={t("auth.loginTitle")}
      lead={t("auth.loginLead")}
      footer={
        options?.registrationOpen && (
          <>
            {t("auth.noAccount")}{" "}
            <Link to="/register" search={{ next }} className="text-accent-ink underline">
              {t("auth.create")}
            </Link>
          </>
        )
      }
    >
      <PageTitle title={t("auth.signIn")} />
      <form noValidate onSubmit={form.handleSubmit(onSubmit)} className="flex flex-col gap-4">
        {error && <ErrorNotice error={error} />}
        <Field
          label={t("auth.login")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          error={errors.login?.message}
          {...form.register("login")}
        />
        <PasswordField
          label={t("auth.password")}
          autoComplete="current-password"
          error={errors.password?.message}
          {...form.register("password")}
        />
        <Link to="/forgot" className="-mt-1 self-start text-accent-ink text-sm underline">
          {t("auth.forgot")}
        </Link>
        <Button type="submit" variant="primary" size="lg" pending={pending} className="mt-2">
          {t("auth.signIn")}
        </Button>
      </form>
      {options && <ProviderButtons providers={options.providers} next={next} />}
    </AuthLayout>
  );
}
