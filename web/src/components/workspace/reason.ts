import type { Workspace } from "@/api/types";
import i18n from "@/i18n";
import type { TextKey, Translate } from "@/i18n/useTranslation";
import "@/i18n/tools";
import { formatNumber } from "@/lib/format";
import { formatDay } from "@/lib/time";

/**
 * Why a workspace is in its status, in the language shown: what there is no text
 * for here is told in the server's words.
 */
export function reasonOf(
  t: Translate,
  { statusReason, statusCause }: Pick<Workspace, "statusReason" | "statusCause">,
): string {
  const key = statusCause && `cause.${statusCause.code}`;
  if (!key || !i18n.exists(key)) return statusReason;
  return t(key as TextKey, shown(statusCause.values ?? {}));
}

/** What the contract says of values, as people write it. */
function shown(values: Record<string, string>): Record<string, string> {
  const written: Record<string, string> = { ...values };
  for (const name of ["since", "deleteAt"]) {
    if (values[name]) written[name] = formatDay(values[name]);
  }
  if (values.idleSeconds) written.idle = formatLength(Number(values.idleSeconds));
  return written;
}

/** "2 hours", "90 minutes". */
function formatLength(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const whole = minutes >= 60 && minutes % 60 === 0;
  return formatNumber(whole ? minutes / 60 : minutes, {
    style: "unit",
    unit: whole ? "hour" : "minute",
    unitDisplay: "long",
  });
}
