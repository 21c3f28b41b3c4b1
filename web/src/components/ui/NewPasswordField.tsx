import { useTranslation } from "@/i18n/useTranslation";
import type { FieldProps } from "./Field";
import { PasswordField } from "./PasswordField";
import { StrengthMeter } from "./StrengthMeter";

/** A field for a password that is being chosen, with what it is worth below. */
export function NewPasswordField({ value, ...props }: FieldProps & { value: string }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-2">
      <PasswordField autoComplete="new-password" hint={t("auth.passwordHint")} {...props} />
      <StrengthMeter password={value} />
    </div>
  );
}
