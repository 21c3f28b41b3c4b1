import "@/i18n/tools";
import { useTranslation } from "@/i18n/useTranslation";

/** What a file field for archives offers. */
export const archiveTypes = ".zip,.tar.gz,.tgz,application/zip,application/gzip";

/** How far an upload has come; unpacking takes as long as it takes. */
export function UploadProgress({ sent, size }: { sent: number; size: number }) {
  const { t } = useTranslation();
  const percent = Math.min(100, Math.floor((100 * sent) / Math.max(1, size)));
  const words = percent < 100 ? t("archive.sent", { percent }) : t("archive.unpacking");
  return (
    <div>
      <progress
        aria-label={t("archive.progress")}
        max={100}
        // Unpacking takes as long as it takes.
        {...(percent < 100 ? { value: percent } : {})}
        className="h-1.5 w-full accent-accent"
      />
      <p role="status" className="mt-1 text-ink-soft text-sm tabular-nums">
        {words}
      </p>
    </div>
  );
}
