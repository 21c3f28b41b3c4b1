import { ArrowUp, Square } from "lucide-react";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import type { Phase } from "@/turns/turn";
import { isSubmit } from "./keys";
import { useDraft } from "./useDraft";

export type ComposerHandle = { focus: () => void; fill: (text: string) => void };

type Props = {
  /** Whose draft this is. */
  draftId: string;
  phase?: Phase;
  onSend: (text: string) => void;
  onStop: () => void;
  /** Arrow up in an empty composer: change what was asked last. */
  onEditLast?: () => void;
  disabled?: boolean;
  /** Sits beside the send button: the model picker. */
  children?: ReactNode;
  ref?: Ref<ComposerHandle>;
};

const maxBytes = 256 * 1024;

export function Composer(props: Props) {
  const { draftId, phase, onSend, onStop, onEditLast, disabled, children, ref } = props;
  const { t } = useTranslation();
  const [text, setText] = useDraft(draftId);
  const input = useRef<HTMLTextAreaElement>(null);
  const tooLong = text.length > maxBytes / 4 && new TextEncoder().encode(text).length > maxBytes;
  const busy = phase !== undefined;
  const ready = text.trim() !== "" && !busy && !tooLong && !disabled;

  useImperativeHandle(ref, () => ({
    focus: () => input.current?.focus(),
    fill: (next) => {
      setText(next);
      input.current?.focus();
    },
  }));

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation is there to be typed in, except where that opens a keyboard on the screen.
  useEffect(() => {
    if (window.matchMedia("(pointer: fine)").matches) input.current?.focus();
  }, [draftId]);

  const send = () => {
    if (!ready) return;
    onSend(text);
    setText("");
  };

  return (
    <div className="rounded-xl border border-line-strong/60 bg-raised shadow-raised transition-colors duration-100 focus-within:border-focus">
      <textarea
        ref={input}
        rows={1}
        aria-label={t("chat.composer.label")}
        aria-describedby={tooLong ? "composer-note" : undefined}
        aria-invalid={tooLong || undefined}
        placeholder={t("chat.composer.placeholder")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (isSubmit(event)) {
            event.preventDefault();
            send();
          } else if (event.key === "ArrowUp" && text === "" && onEditLast) {
            event.preventDefault();
            onEditLast();
          }
        }}
        className="field-sizing-content block max-h-[40dvh] min-h-13 w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-base outline-none placeholder:text-ink-faint"
      />
      {tooLong && (
        <p id="composer-note" className="px-4 text-bad text-xs">
          {t("chat.composer.tooLong")}
        </p>
      )}
      <div className="flex items-center gap-2 p-2">
        <div className="flex min-w-0 grow items-center">{children}</div>
        <span className="hidden text-ink-faint text-xs sm:block">
          {busy ? t("chat.composer.hintBusy") : t("chat.composer.hint")}
        </span>
        <SendOrStop phase={phase} ready={ready} onSend={send} onStop={onStop} />
      </div>
    </div>
  );
}

type ButtonProps = { phase?: Phase; ready: boolean; onSend: () => void; onStop: () => void };

/** One button, so that it stays where the hand is while Send turns into Stop. */
function SendOrStop({ phase, ready, onSend, onStop }: ButtonProps) {
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
