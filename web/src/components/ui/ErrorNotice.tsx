import { CircleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import { asApiError } from "@/api/errors";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { errorText } from "@/lib/errorText";
import { Button } from "./Button";
import { IconButton } from "./IconButton";

type Props = {
  error: unknown;
  title?: string;
  onRetry?: () => void;
  onDismiss?: () => void;
  className?: string;
  children?: ReactNode;
};

/** What happened, in the language shown, with the id to find it by. */
export function ErrorNotice({ error, title, onRetry, onDismiss, className, children }: Props) {
  const { t } = useTranslation();
  const { requestId } = asApiError(error);
  return (
    <div
      role="alert"
      className={cn("flex gap-3 rounded-md border border-bad-line bg-bad-soft p-3", className)}
    >
      <CircleAlert aria-hidden className="mt-px size-[18px] shrink-0 text-bad" />
      <div className="min-w-0 grow">
        {title && <p className="font-[620]">{title}</p>}
        <p className="break-words">{errorText(error)}</p>
        {requestId && (
          <p className="mt-0.5 break-all font-mono text-ink-soft text-xs">
            {t("common.requestId", { id: requestId })}
          </p>
        )}
        {children}
        {onRetry && (
          <Button size="sm" className="mt-2.5" onClick={onRetry}>
            {t("common.retry")}
          </Button>
        )}
      </div>
      {onDismiss && (
        <IconButton small label={t("common.close")} onClick={onDismiss}>
          <X />
        </IconButton>
      )}
    </div>
  );
}
