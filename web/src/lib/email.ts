import type { Translate } from "@/i18n/useTranslation";
import { z } from "@/lib/zod";

/** An address that mail could be sent to. */
export function emailSchema(t: Translate) {
  return z.pipe(
    z.string().check(z.trim(), z.minLength(1, t("auth.required"))),
    z.email(t("auth.emailInvalid")),
  );
}
