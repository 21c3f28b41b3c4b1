import type { ApiError } from "@/api/errors";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { formatDate } from "@/lib/time";

type Props = { error: ApiError; onDismiss: () => void };

/** Why a question was not taken; a spent quota says when it starts again. */
export function RefusalNotice({ error, onDismiss }: Props) {
  const { t } = useTranslation();
  const { resetsAt } = error.metadata;
  return (
    <ErrorNotice error={error} onDismiss={onDismiss} className="mb-3">
      {error.reason === "QUOTA_EXCEEDED" && resetsAt && (
        <p className="mt-0.5 text-ink-soft">{t("chat.quota", { date: formatDate(resetsAt) })}</p>
      )}
    </ErrorNotice>
  );
}
