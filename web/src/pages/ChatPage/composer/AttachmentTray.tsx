import { CircleAlert, FileText, X } from "lucide-react";
import { attachmentPath } from "@/api/queries/attachments";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { formatBytes } from "@/lib/format";
import type { Upload } from "./useAttachments";

type Props = { uploads: Upload[]; onRemove: (upload: Upload) => void };

/** The files that will go with the message: on their way, there, or refused and why. */
export function AttachmentTray({ uploads, onRemove }: Props) {
  const { t } = useTranslation();
  if (uploads.length === 0) return null;
  return (
    <ul aria-label={t("chat.attach.list")} className="flex flex-wrap gap-2 px-3 pt-3">
      {uploads.map((upload) => (
        <li
          key={upload.key}
          className={cn(
            "relative flex max-w-full items-center gap-2 overflow-hidden rounded-md border py-1 pe-1 ps-2 text-sm",
            upload.refusal ? "border-bad-line bg-bad-soft" : "bg-sunken",
          )}
        >
          <Picture upload={upload} />
          <div className="min-w-0">
            <p className="max-w-52 truncate">{upload.name}</p>
            {upload.refusal ? (
              <p role="alert" className="max-w-80 text-bad text-xs">
                {upload.refusal}
              </p>
            ) : (
              <p className="text-ink-faint text-xs tabular-nums">
                {upload.attachment
                  ? formatBytes(upload.size)
                  : t("chat.attach.progress", { percent: Math.round(upload.progress * 100) })}
              </p>
            )}
          </div>
          <IconButton
            small
            label={t("chat.attach.remove", { name: upload.name })}
            onClick={() => onRemove(upload)}
          >
            <X />
          </IconButton>
          {!upload.attachment && !upload.refusal && (
            <span
              aria-hidden
              className="absolute bottom-0 start-0 h-0.5 bg-accent transition-[width] duration-150"
              style={{ width: `${upload.progress * 100}%` }}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

function Picture({ upload: { attachment, refusal } }: { upload: Upload }) {
  if (refusal) return <CircleAlert aria-hidden className="size-4 shrink-0 text-bad" />;
  if (attachment?.kind === "image") {
    return (
      <img
        src={attachmentPath(attachment.id)}
        alt=""
        className="size-9 shrink-0 rounded-sm object-cover"
      />
    );
  }
  return <FileText aria-hidden className="size-4 shrink-0 text-ink-faint" />;
}
