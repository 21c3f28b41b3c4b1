import type { Enrolment } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { useCopy } from "@/lib/useCopy";
import { QRCode } from "./QRCode";

/** The secret of an authenticator, for its camera and for typing. */
export function Secret({ enrolment: { secret, uri } }: { enrolment: Enrolment }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  return (
    <>
      <QRCode text={uri} label={t("settings.enrolQR")} />
      <p className="mt-4 text-ink-soft">{t("settings.enrolSecret")}</p>
      <div className="mt-1.5 flex items-center gap-2">
        <code className="min-w-0 grow select-all break-words rounded-md border bg-sunken px-3 py-2 font-mono text-xs">
          {secret.match(/.{1,4}/g)?.join(" ")}
        </code>
        <Button onClick={() => copy(secret)}>
          {copied ? t("common.copied") : t("common.copy")}
        </Button>
      </div>
    </>
  );
}
