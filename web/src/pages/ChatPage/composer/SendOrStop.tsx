import { ArrowUp, Square } from "lucide-react";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import type { Phase } from "@/turns/turn";

type Props = { phase?: Phase; ready: boolean; onSend: () => void; onStop: () => void };

/** One button, so that it stays where the hand is while Send turns into Stop. */
export function SendOrStop({ phase, ready, onSend, onStop }: Props) {
  const { t } = useTranslation();
  const busy = phase !== undefined;
  const waiting = phase === "sending" || phase === "stopping";
  const stopLabel = phase === "stopping" ? t("chat.composer.stopping") : t("chat.composer.stop");
  const disabled = busy ? waiting : !ready;
  return (
    <button
      type="button"
      aria-label={busy ? stopLabel : t("chat.composer.send")}
      aria-disabled={disabled || undefined}
      onClick={() => !disabled && (busy ? onStop() : onSend())}
      className={cn(
        "flex size-9 shrink-0 items-center justify-center rounded-lg transition-colors duration-100",
        busy
          ? "bg-ink text-surface hover:bg-ink-soft"
          : "bg-accent text-on-accent hover:bg-accent-hover",
        "aria-disabled:cursor-not-allowed aria-disabled:bg-active aria-disabled:text-ink-faint",
        waiting && "animate-pulse-soft",
      )}
    >
      {busy ? (
        <Square aria-hidden className="size-4 fill-current" />
      ) : (
        <ArrowUp aria-hidden className="size-5" />
      )}
    </button>
  );
}
