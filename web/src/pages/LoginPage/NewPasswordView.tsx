import { AuthLayout } from "@/components/layout/AuthLayout";
import { NewPasswordForm } from "@/components/NewPasswordForm";
import { PageTitle } from "@/components/PageTitle";
import { useTranslation } from "@/i18n/useTranslation";

type Props = {
  username: string;
  pending: boolean;
  error: Error | null;
  onSubmit: (newPassword: string) => void;
};

/** What follows a sign-in with a password that was made up for the user. */
export function NewPasswordView(props: Props) {
  const { t } = useTranslation();
  return (
    <AuthLayout title={t("auth.newPasswordTitle")} lead={t("auth.newPasswordLead")}>
      <PageTitle title={t("auth.newPasswordTitle")} />
      <NewPasswordForm submit={t("auth.newPasswordSave")} {...props} />
    </AuthLayout>
  );
}
