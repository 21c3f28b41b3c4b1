import { zodResolver } from "@hookform/resolvers/zod";
import { Link } from "@tanstack/react-router";
import { Info, MailCheck } from "lucide-react";
import { useForm } from "react-hook-form";
import { AuthLayout } from "@/components/layout/AuthLayout";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { emailSchema } from "@/lib/email";
import { z } from "@/lib/zod";

type Values = { email: string };

type Props = {
  /** Links go out by mail; else the operator has them. */
  mail: boolean;
  /** The address that a link was asked for. */
  askedFor: string | undefined;
  pending: boolean;
  error: Error | null;
  onSubmit: (values: Values) => void;
};

export function ForgotPageView({ mail, askedFor, pending, error, onSubmit }: Props) {
  const { t } = useTranslation();
  const form = useForm<Values>({
    resolver: zodResolver(z.object({ email: emailSchema(t) })),
    defaultValues: { email: "" },
  });
  return (
    <AuthLayout
      title={t("auth.forgotTitle")}
      lead={t("auth.forgotLead")}
      footer={
        <Link to="/login" className="text-accent-ink underline">
          {t("auth.backToSignIn")}
        </Link>
      }
    >
      <PageTitle title={t("auth.forgotTitle")} />
      {askedFor ? (
        <Notice icon={MailCheck} kind="ok" announce>
          {t(mail ? "auth.forgotSent" : "auth.forgotLogged", { email: askedFor })}
        </Notice>
      ) : (
        <form noValidate onSubmit={form.handleSubmit(onSubmit)} className="flex flex-col gap-4">
          {error && <ErrorNotice error={error} />}
          {!mail && <Notice icon={Info}>{t("auth.forgotNoMail")}</Notice>}
          <Field
            label={t("auth.email")}
            type="email"
            autoComplete="email"
            error={form.formState.errors.email?.message}
            {...form.register("email")}
          />
          <Button type="submit" variant="primary" size="lg" pending={pending} className="mt-2">
            {t("auth.forgotSubmit")}
          </Button>
        </form>
      )}
    </AuthLayout>
  );
}
