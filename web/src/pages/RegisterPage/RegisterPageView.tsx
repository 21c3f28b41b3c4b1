import { zodResolver } from "@hookform/resolvers/zod";
import { Link } from "@tanstack/react-router";
import { UserRoundX } from "lucide-react";
import { useEffect, useMemo } from "react";
import { useForm } from "react-hook-form";
import { asApiError } from "@/api/errors";
import type { Registration } from "@/api/queries/session";
import type { SignInOptions } from "@/api/types";
import { AuthLayout } from "@/components/layout/AuthLayout";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { NewPasswordField } from "@/components/ui/NewPasswordField";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { showFieldErrors } from "@/lib/forms";
import { ProviderButtons } from "../LoginPage/ProviderButtons";
import { registrationSchema } from "./schema";

const names = ["email", "username", "password", "fullName"] as const;

type Props = {
  next?: string;
  /** Undefined until they are known. */
  options?: SignInOptions;
  pending: boolean;
  error: Error | null;
  onSubmit: (values: Registration) => void;
};

export function RegisterPageView({ next, options, pending, error, onSubmit }: Props) {
  const { t } = useTranslation();
  const schema = useMemo(() => registrationSchema(t), [t]);
  const form = useForm<Registration>({
    resolver: zodResolver(schema),
    defaultValues: { email: "", username: "", password: "", fullName: "" },
  });
  const { errors } = form.formState;
  useEffect(() => {
    if (error) showFieldErrors(form, names, error);
  }, [error, form]);
  const unplaced = error && Object.keys(asApiError(error).fields).length === 0;
  return (
    <AuthLayout
      title={t("auth.registerTitle")}
      lead={t("auth.registerLead")}
      footer={
        <>
          {t("auth.haveAccount")}{" "}
          <Link to="/login" search={{ next }} className="text-accent-ink underline">
            {t("auth.signIn")}
          </Link>
        </>
      }
    >
      <PageTitle title={t("auth.registerTitle")} />
      {options?.registrationOpen === false ? (
        <Notice icon={UserRoundX}>{t("auth.registrationClosed")}</Notice>
      ) : (
        <form noValidate onSubmit={form.handleSubmit(onSubmit)} className="flex flex-col gap-4">
          {unplaced && <ErrorNotice error={error} />}
          <Field
            label={t("auth.email")}
            type="email"
            autoComplete="email"
            error={errors.email?.message}
            {...form.register("email")}
          />
          <Field
            label={t("auth.username")}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            error={errors.username?.message}
            {...form.register("username")}
          />
          <Field
            label={t("auth.fullName")}
            optional
            autoComplete="name"
            error={errors.fullName?.message}
            {...form.register("fullName")}
          />
          <NewPasswordField
            label={t("auth.password")}
            value={form.watch("password")}
            error={errors.password?.message}
            {...form.register("password")}
          />
          <Button type="submit" variant="primary" size="lg" pending={pending} className="mt-2">
            {t("auth.create")}
          </Button>
        </form>
      )}
      {options && <ProviderButtons providers={options.providers} next={next} />}
    </AuthLayout>
  );
}
