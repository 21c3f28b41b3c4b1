import type { TFunction } from "i18next";
import { z } from "zod";

/** An address that mail could be sent to. */
export function emailSchema(t: TFunction) {
  return z
    .string()
    .trim()
    .min(1, t("auth.required"))
    .pipe(z.email(t("auth.emailInvalid")));
}
