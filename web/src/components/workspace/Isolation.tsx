import { ShieldAlert, ShieldCheck } from "lucide-react";
import en from "@/i18n/en.json";
import { useTranslation } from "@/i18n/useTranslation";

type Known = keyof typeof en.ide.isolations;

/** How a workspace is kept apart, with its warning wherever it has one. */
export function Isolation({ isolation }: { isolation: string }) {
  const { t } = useTranslation();
  const directory = isolation === "directory";
  const Icon = directory ? ShieldAlert : ShieldCheck;
  const name =
    isolation in en.ide.isolations ? t(`ide.isolations.${isolation as Known}`) : isolation;
  return (
    <span className="inline-flex items-baseline gap-1.5">
      <Icon aria-hidden className="size-[1.1em] shrink-0 translate-y-0.5 text-ink-faint" />
      <span>
        {name}
        {directory && <span className="text-ink-faint"> · {t("ide.trustedOnly")}</span>}
      </span>
    </span>
  );
}
