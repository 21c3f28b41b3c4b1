import { useCallback, useEffect, useRef, useState } from "react";
import { discardAttachment, uploadAttachment } from "@/api/queries/attachments";
import type { Attachment } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { formatBytes } from "@/lib/format";

/** What one message may have; the server holds to the same. */
export const limits = { files: 10, bytes: 10 * 1024 * 1024 };

/** A file on its way to the server, there, or refused. */
export type Upload = {
  key: string;
  name: string;
  size: number;
  /** How much of it is sent, 0 to 1. */
  progress: number;
  attachment?: Attachment;
  refusal?: string;
};

/** The files of the message being written. */
export function useAttachments() {
  const { t } = useTranslation();
  const [uploads, setUploads] = useState<Upload[]>([]);
  const running = useRef(new Map<string, AbortController>());
  const count = useRef(0);
  count.current = uploads.length;

  const patch = useCallback((key: string, change: Partial<Upload>) => {
    setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }, []);

  const add = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        const key = crypto.randomUUID();
        const upload: Upload = { key, name: file.name, size: file.size, progress: 0 };
        if (count.current >= limits.files)
          upload.refusal = t("chat.attach.tooMany", { files: limits.files });
        else if (file.size > limits.bytes)
          upload.refusal = t("chat.attach.tooLarge", { size: formatBytes(limits.bytes) });
        else if (file.size === 0) upload.refusal = t("chat.attach.empty");
        count.current++;
        setUploads((all) => [...all, upload]);
        if (upload.refusal) continue;
        const abort = new AbortController();
        running.current.set(key, abort);
        uploadAttachment(file, abort.signal, (progress) => patch(key, { progress }))
          .then((attachment) => patch(key, { attachment, progress: 1 }))
          .catch((error: unknown) => {
            if (!abort.signal.aborted) patch(key, { refusal: errorText(error) });
          })
          .finally(() => running.current.delete(key));
      }
    },
    [t, patch],
  );

  const remove = useCallback((upload: Upload) => {
    running.current.get(upload.key)?.abort();
    setUploads((all) => all.filter((one) => one.key !== upload.key));
    if (upload.attachment) void discardAttachment(upload.attachment.id);
  }, []);

  /** Shows files that are at the server already: those of a message that was not taken. */
  const put = useCallback((attachments: Attachment[]) => {
    setUploads(
      attachments.map((attachment) => ({
        key: attachment.id,
        name: attachment.name,
        size: Number(attachment.size),
        progress: 1,
        attachment,
      })),
    );
  }, []);

  useEffect(() => {
    const all = running.current;
    return () => {
      for (const abort of all.values()) abort.abort();
    };
  }, []);

  const ready = uploads.every((one) => one.attachment);
  const attachments = uploads.flatMap((one) => one.attachment ?? []);
  return { uploads, attachments, ready, add, remove, put };
}
