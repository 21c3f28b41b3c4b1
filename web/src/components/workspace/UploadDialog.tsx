import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { uploadArchive } from "@/api/queries/archive";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";
import "@/i18n/tools";
import { toast } from "@/lib/toast";
import { archiveTypes, UploadProgress } from "./UploadProgress";

type Props = { workspaceId: string; name: string; onClose: () => void };

/** Unpacks an archive from the person's machine into a workspace. */
export function UploadDialog({ workspaceId, name, onClose }: Props) {
  const { t } = useTranslation();
  const [archive, setArchive] = useState<File>();
  const [path, setPath] = useState("");
  const [sent, setSent] = useState(0);
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const upload = useMutation({
    mutationFn: (file: File) => {
      abort.current = new AbortController();
      return uploadArchive(workspaceId, path.trim(), file, setSent, abort.current.signal);
    },
    onSuccess: ({ files }) => {
      toast.success(t("archive.done", { files, name }));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!archive || upload.isPending) return;
    setSent(0);
    upload.mutate(archive);
  };
  return (
    <Dialog
      open
      keep={upload.isPending}
      onOpenChange={onClose}
      title={t("archive.title", { name })}
      description={t("archive.about")}
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        {upload.error && <ErrorNotice error={upload.error} />}
        <Field
          label={t("archive.file")}
          type="file"
          accept={archiveTypes}
          disabled={upload.isPending}
          onChange={(event) => setArchive(event.target.files?.[0])}
        />
        <Field
          label={t("archive.path")}
          hint={t("archive.pathHint")}
          value={path}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          disabled={upload.isPending}
          onChange={(event) => setPath(event.target.value)}
        />
        {upload.isPending && archive && <UploadProgress sent={sent} size={archive.size} />}
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" disabled={!archive} pending={upload.isPending}>
            {t("archive.upload")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
