import type { Translate } from "@/i18n/useTranslation";
import { emailSchema } from "@/lib/email";
import { passwordSchema } from "@/lib/password";
import { z } from "@/lib/zod";

/** The contract's own rules, so that most mistakes are told before they are sent. */
export function registrationSchema(t: Translate) {
  return z.object({
    email: emailSchema(t),
    username: z
      .string()
      .check(z.trim(), z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,49}$/, t("auth.usernameInvalid"))),
    password: passwordSchema(t),
    fullName: z.optional(z.string().check(z.trim(), z.maxLength(255))),
  });
}
