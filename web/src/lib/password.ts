import type { TFunction } from "i18next";
import { z } from "zod";

/** The contract's own rule for a password that somebody chooses. */
export function passwordSchema(t: TFunction) {
  return z.string().min(10, t("auth.passwordShort")).max(256, t("auth.passwordLong"));
}
