import { zodResolver } from "@hookform/resolvers/zod";
import { useEffect } from "react";
import { useForm } from "react-hook-form";
import { asApiError } from "@/api/errors";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { NewPasswordField } from "@/components/ui/NewPasswordField";
import { useTranslation } from "@/i18n/useTranslation";
import { showFieldErrors } from "@/lib/forms";
import { passwordSchema } from "@/lib/password";
import { z } from "@/lib/zod";

type Values = { newPassword: string };

type Props = {
  /** For password managers, where it is known. */
  username?: string;
  /** What the button says. */
  submit: string;
  pending: boolean;
  error: Error | null;
  onSubmit: (newPassword: string) => void;
};

/** Asks for a password that nothing but the page's own right is needed to set. */
export function NewPasswordForm({ username, submit, pending, error, onSubmit }: Props) {
  const { t } = useTranslation();
  const form = useForm<Values>({
    resolver: zodResolver(z.object({ newPassword: passwordSchema(t) })),
    defaultValues: { newPassword: "" },
  });
  useEffect(() => {
    if (error) showFieldErrors(form, ["newPassword"], error);
  }, [error, form]);
  const unplaced = error && !asApiError(error).fields.newPassword;
  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((values) => onSubmit(values.newPassword))}
      className="flex flex-col gap-4"
    >
      {unplaced && <ErrorNotice error={error} />}
      {username && <input hidden readOnly autoComplete="username" value={username} />}
      <NewPasswordField
        label={t("auth.newPassword")}
        value={form.watch("newPassword")}
        error={form.formState.errors.newPassword?.message}
        {...form.register("newPassword")}
      />
      <Button type="submit" variant="primary" size="lg" pending={pending} className="mt-2">
        {submit}
      </Button>
    </form>
  );
}
