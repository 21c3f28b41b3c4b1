import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { isSubmit } from "../composer/keys";

type Props = { text: string; onSend: (text: string) => void; onCancel: () => void };

/** A question being changed; sending it makes a branch and keeps the old one. */
export function EditMessage({ text, onSend, onCancel }: Props) {
  const { t } = useTranslation();
  const [value, setValue] = useState(text);
  const changed = value.trim() !== "" && value !== text;
  const send = () => changed && onSend(value);
  return (
    <div className="rounded-xl border border-line-strong bg-surface p-3 focus-within:border-focus">
      <textarea
        // biome-ignore lint/a11y/noAutofocus: the user has just asked to edit here.
        autoFocus
        aria-label={t("chat.editLabel")}
        value={value}
        onChange={(event) => setValue(event.target.value)}
        onFocus={(event) => event.target.setSelectionRange(value.length, value.length)}
        onKeyDown={(event) => {
          if (isSubmit(event)) {
            event.preventDefault();
            send();
          } else if (event.key === "Escape") {
            event.stopPropagation();
            onCancel();
          }
        }}
        className="field-sizing-content block max-h-80 min-h-14 w-full resize-none bg-transparent text-base outline-none"
      />
      <div className="mt-2 flex justify-end gap-2">
        <Button size="sm" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button size="sm" variant="primary" disabled={!changed} onClick={send}>
          {t("chat.editSend")}
        </Button>
      </div>
    </div>
  );
}
