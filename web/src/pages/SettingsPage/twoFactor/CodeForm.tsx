import { type FormEvent, useState } from "react";
import { asApiError } from "@/api/errors";
import { Button } from "@/components/ui/Button";
import { CodeField, isCode, plainCode } from "@/components/ui/CodeField";
import { DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";

type Props = {
  label: string;
  submit: string;
  pending: boolean;
  error: Error | null;
  onSubmit: (code: string) => void;
};

/** Asks for a code of the authenticator. */
export function CodeForm({ label, submit, pending, error, onSubmit }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [incomplete, setIncomplete] = useState(false);
  const wrong = error && asApiError(error).fields.code ? errorText(error) : undefined;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (pending) return;
    setIncomplete(!isCode(code));
    if (isCode(code)) onSubmit(plainCode(code));
  };
  return (
    <form noValidate onSubmit={send} className="mt-5 flex flex-col gap-4">
      {error && !wrong && <ErrorNotice error={error} />}
      <CodeField
        label={label}
        value={code}
        error={incomplete ? t("auth.codeIncomplete") : wrong}
        onChange={(event) => setCode(event.target.value)}
      />
      <DialogActions>
        <Button type="submit" variant="primary" pending={pending}>
          {submit}
        </Button>
      </DialogActions>
    </form>
  );
}
