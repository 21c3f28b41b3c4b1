import { useState } from "react";
import { asApiError } from "@/api/errors";
import { AuthLayout } from "@/components/layout/AuthLayout";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { CodeField, isCode, plainCode } from "@/components/ui/CodeField";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";

type Props = {
  pending: boolean;
  error: Error | null;
  onSubmit: (code: string) => void;
  onBack: () => void;
};

/** The second step of a sign-in: a code of the authenticator, or a recovery code. */
export function CodeView({ pending, error, onSubmit, onBack }: Props) {
  const { t } = useTranslation();
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  // What was wrong with the one kind of code says nothing about the other.
  const [past, setPast] = useState<Error | null>(null);
  const told = error === past ? null : error;
  const wrong = told && asApiError(told).fields.code ? errorText(told) : undefined;
  const field = {
    autoFocus: true,
    value: code,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => setCode(event.target.value),
    error: incomplete ? t("auth.codeIncomplete") : wrong,
  };
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (pending) return;
    const whole = recovery ? plainCode(code).length >= 16 : isCode(code);
    setIncomplete(!whole);
    if (whole) onSubmit(recovery ? code.trim() : plainCode(code));
  };
  return (
    <AuthLayout
      title={t("auth.codeTitle")}
      lead={recovery ? t("auth.recoveryLead") : t("auth.codeLead")}
      footer={
        <button type="button" className="text-accent-ink underline" onClick={onBack}>
          {t("auth.codeBack")}
        </button>
      }
    >
      <PageTitle title={t("auth.codeTitle")} />
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {told && !wrong && <ErrorNotice error={told} />}
        {recovery ? (
          <Field
            key="recovery"
            label={t("auth.recoveryCode")}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={32}
            inputClassName="font-mono"
            {...field}
          />
        ) : (
          <CodeField key="code" label={t("auth.code")} {...field} />
        )}
        <Button type="submit" variant="primary" size="lg" pending={pending} className="mt-2">
          {t("auth.signIn")}
        </Button>
        <Button
          variant="ghost"
          onClick={() => {
            setRecovery(!recovery);
            setIncomplete(false);
            setPast(error);
            setCode("");
          }}
        >
          {recovery ? t("auth.useCode") : t("auth.useRecovery")}
        </Button>
      </form>
    </AuthLayout>
  );
}
