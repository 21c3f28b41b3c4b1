import { type FormEvent, useState } from "react";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";

type Props = {
  conversation: Conversation;
  onRename: (title: string) => void;
  onClose: () => void;
};

export function RenameDialog({ conversation, onRename, onClose }: Props) {
  const { t } = useTranslation();
  const [title, setTitle] = useState(conversation.title);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const next = title.trim();
    if (next && next !== conversation.title) onRename(next);
    onClose();
  };
  return (
    <Dialog open onOpenChange={onClose} title={t("chat.renameTitle")}>
      <form onSubmit={submit}>
        <Field
          label={t("chat.renameLabel")}
          value={title}
          maxLength={255}
          onChange={(event) => setTitle(event.target.value)}
          onFocus={(event) => event.target.select()}
        />
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" disabled={!title.trim()}>
            {t("common.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
