import type { Translate } from "@/i18n/useTranslation";

/** Why a login at a provider failed; the gateway puts its reason into the address. */
const known = [
  "ACCOUNT_EXISTS",
  "ACCOUNT_SUSPENDED",
  "EMAIL_MISSING",
  "EMAIL_NOT_VERIFIED",
  "LINK_SESSION_ENDED",
  "LOGIN_LINKED_ELSEWHERE",
  "LOGIN_NOT_LINKED",
  "PROVIDER_NOT_FOUND",
  "PROVIDER_REFUSED",
  "PROVIDER_UNAVAILABLE",
  "RATE_LIMITED",
  "SIGN_IN_CANCELED",
  "SIGN_IN_EXPIRED",
] as const;

type Known = (typeof known)[number];

/**
 * A refusal in words. Anybody can write an address, so nothing of it is shown
 * but a reason's own letters.
 */
export function refusalText(t: Translate, reason: string): string {
  if (known.includes(reason as Known)) return t(`auth.refusals.${reason as Known}`);
  const readable = /^[A-Z_]{1,50}$/.test(reason);
  return readable ? t("auth.refusalUnknown", { reason }) : t("auth.refusalUnreadable");
}
