import type { TFunction } from "i18next";
import { z } from "@/lib/zod";

/** An address that mail could be sent to. */
export function emailSchema(t: TFunction) {
  return z.pipe(
    z.string().check(z.trim(), z.minLength(1, t("auth.required"))),
    z.email(t("auth.emailInvalid")),
  );
}
