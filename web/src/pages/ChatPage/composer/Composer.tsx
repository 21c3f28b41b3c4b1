import { BookMarked } from "lucide-react";
import {
  type KeyboardEvent,
  lazy,
  type ReactNode,
  type Ref,
  Suspense,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
} from "react";
import type { Attachment } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import type { Phase } from "@/turns/turn";
import { AttachButton } from "./AttachButton";
import { AttachmentTray } from "./AttachmentTray";
import { DropZone } from "./DropZone";
import { isSubmit } from "./keys";
import { SendOrStop } from "./SendOrStop";
import { useAttachments } from "./useAttachments";
import { useDraft } from "./useDraft";
import { usePrompts } from "./usePrompts";

const PromptPicker = lazy(() =>
  import("./PromptPicker").then((module) => ({ default: module.PromptPicker })),
);
const PromptsDialog = lazy(() =>
  import("./PromptsDialog").then((module) => ({ default: module.PromptsDialog })),
);

export type ComposerHandle = {
  focus: () => void;
  fill: (text: string, attachments?: Attachment[]) => void;
};

type Props = {
  /** Whose draft this is. */
  draftId: string;
  phase?: Phase;
  onSend: (text: string, attachments: Attachment[]) => void;
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
  const files = useAttachments();
  const prompts = usePrompts(text, setText);
  const listId = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const tooLong = text.length > maxBytes / 4 && new TextEncoder().encode(text).length > maxBytes;
  const busy = phase !== undefined;
  const ready = text.trim() !== "" && !busy && !tooLong && !disabled && files.ready;

  useImperativeHandle(ref, () => ({
    focus: () => input.current?.focus(),
    fill: (next, attachments = []) => {
      setText(next);
      files.put(attachments);
      input.current?.focus();
    },
  }));

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation is there to be typed in, except where that opens a keyboard on the screen.
  useEffect(() => {
    if (window.matchMedia("(pointer: fine)").matches) input.current?.focus();
  }, [draftId]);

  const send = () => {
    if (!ready) return;
    onSend(text, files.attachments);
    setText("");
    files.put([]);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (prompts.open && !event.nativeEvent.isComposing) {
      if (event.key === "Escape") {
        event.preventDefault();
        return prompts.close();
      }
      if (!event.shiftKey && prompts.picker.current?.key(event.key)) return event.preventDefault();
    }
    if (isSubmit(event)) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "" && onEditLast) {
      event.preventDefault();
      onEditLast();
    }
  };

  return (
    <div className="relative rounded-xl border border-line-strong/60 bg-raised shadow-raised transition-colors duration-100 focus-within:border-focus">
      <Suspense fallback={null}>
        {prompts.open && (
          <PromptPicker
            ref={prompts.picker}
            id={listId}
            filter={prompts.filter}
            onActive={prompts.setActive}
            onManage={() => {
              prompts.close();
              prompts.setManaging(true);
            }}
            onPick={({ content }) => {
              prompts.pick(content);
              input.current?.focus();
            }}
          />
        )}
        {prompts.managing && <PromptsDialog onClose={() => prompts.setManaging(false)} />}
      </Suspense>
      <AttachmentTray uploads={files.uploads} onRemove={files.remove} />
      <textarea
        ref={input}
        rows={1}
        aria-label={t("chat.composer.label")}
        aria-describedby={tooLong ? "composer-note" : undefined}
        aria-invalid={tooLong || undefined}
        aria-autocomplete={prompts.open ? "list" : undefined}
        aria-controls={prompts.active ? listId : undefined}
        aria-activedescendant={prompts.active}
        placeholder={t("chat.composer.placeholder")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onPaste={(event) => {
          if (event.clipboardData.files.length === 0) return;
          event.preventDefault();
          files.add([...event.clipboardData.files]);
        }}
        className="field-sizing-content block max-h-[40dvh] min-h-13 w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-base outline-none placeholder:text-ink-faint"
      />
      {tooLong && (
        <p id="composer-note" className="px-4 text-bad text-xs">
          {t("chat.composer.tooLong")}
        </p>
      )}
      <div className="@container flex items-center gap-1 p-2">
        <AttachButton onFiles={files.add} />
        <IconButton
          label={t("chat.prompts.open")}
          aria-expanded={prompts.open}
          onClick={() => {
            prompts.toggle();
            input.current?.focus();
          }}
        >
          <BookMarked />
        </IconButton>
        <div className="flex min-w-0 grow items-center">{children}</div>
        <Hint busy={busy} refused={files.uploads.some((one) => one.refusal)} />
        <SendOrStop phase={phase} ready={ready} onSend={send} onStop={onStop} />
      </div>
      <DropZone onFiles={files.add} />
    </div>
  );
}

/** What can be done, or why nothing can be sent. */
function Hint({ busy, refused }: { busy: boolean; refused: boolean }) {
  const { t } = useTranslation();
  if (refused) return <p className="me-1 text-bad text-xs">{t("chat.attach.removeRefused")}</p>;
  return (
    <p className="me-1 @xl:block hidden text-ink-faint text-xs">
      {busy ? t("chat.composer.hintBusy") : t("chat.composer.hint")}
    </p>
  );
}
