import { Link } from "@tanstack/react-router";
import { CircleCheck, Unlink } from "lucide-react";
import { AuthLayout } from "@/components/layout/AuthLayout";
import { NewPasswordForm } from "@/components/NewPasswordForm";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";

type Props = {
  /** The link had a token. */
  complete: boolean;
  done: boolean;
  pending: boolean;
  error: Error | null;
  onSubmit: (newPassword: string) => void;
};

/** Where a link to set a new password leads. */
export function ResetPageView({ complete, done, pending, error, onSubmit }: Props) {
  const { t } = useTranslation();
  return (
    <AuthLayout title={t("auth.resetTitle")} lead={t("auth.resetLead")}>
      <PageTitle title={t("auth.resetTitle")} />
      {done && (
        <>
          <Notice icon={CircleCheck} kind="ok" announce>
            {t("auth.resetDone")}
          </Notice>
          <Button asChild variant="primary" size="lg" className="mt-5 w-full">
            <Link to="/login">{t("auth.signIn")}</Link>
          </Button>
        </>
      )}
      {!done && !complete && (
        <>
          <Notice icon={Unlink} kind="warning">
            {t("auth.resetIncomplete")}
          </Notice>
          <Button asChild size="lg" className="mt-5 w-full">
            <Link to="/forgot">{t("auth.resetAgain")}</Link>
          </Button>
        </>
      )}
      {!done && complete && (
        <>
          <NewPasswordForm
            submit={t("auth.resetSubmit")}
            pending={pending}
            error={error}
            onSubmit={onSubmit}
          />
          {error && (
            <p className="mt-4 text-center">
              <Link to="/forgot" className="text-accent-ink underline">
                {t("auth.resetAgain")}
              </Link>
            </p>
          )}
        </>
      )}
    </AuthLayout>
  );
}
