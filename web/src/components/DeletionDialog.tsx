import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";

type Props = {
  title: string;
  description: string;
  action: string;
  /** What has to be typed before anything is deleted. */
  name: string;
  remove: () => void;
  pending: boolean;
  error: Error | null;
  /** More that has to be entered, and whether it is. */
  children?: ReactNode;
  ready?: boolean;
  onClose: () => void;
};

/** Deletes what nobody can bring back, so it asks for its name. */
export function DeletionDialog({
  title,
  description,
  action,
  name,
  remove,
  pending,
  error,
  children,
  ready = true,
  onClose,
}: Props) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const complete = typed === name && ready;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete && !pending) remove();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {error && <ErrorNotice error={error} />}
        <Field
          label={t("common.typeToConfirm", { name })}
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
        {children}
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="danger" disabled={!complete} pending={pending}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
