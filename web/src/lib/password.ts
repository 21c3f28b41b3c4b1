import type { Translate } from "@/i18n/useTranslation";
import { z } from "@/lib/zod";

/** The contract's own rule for a password that somebody chooses. */
export function passwordSchema(t: Translate) {
  return z
    .string()
    .check(z.minLength(10, t("auth.passwordShort")), z.maxLength(256, t("auth.passwordLong")));
}
