import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";

type Props = {
  shown: number;
  more: boolean;
  pending: boolean;
  error: Error | null;
  onMore: () => void;
};

/** The end of a list that comes in pages: how much of it is there, and the way on. */
export function MoreRows({ shown, more, pending, error, onMore }: Props) {
  const { t } = useTranslation();
  return (
    <>
      {error && <ErrorNotice error={error} onRetry={onMore} className="mt-4" />}
      <div className="mt-4 flex items-center gap-4">
        {more && !error && (
          <Button pending={pending} onClick={onMore}>
            {t("common.loadMore")}
          </Button>
        )}
        <p role="status" className="text-ink-faint text-xs">
          {t(more ? "admin.shownSoFar" : "admin.shown", { count: shown })}
        </p>
      </div>
    </>
  );
}
