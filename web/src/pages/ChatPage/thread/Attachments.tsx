import { FileText } from "lucide-react";
import { attachmentPath } from "@/api/queries/attachments";
import type { Attachment, Message } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";
import { formatBytes, toNumber } from "@/lib/format";

/** The files that came with a question: pictures as pictures, others by name. */
export function Attachments({ of: { attachments = [] } }: { of: Message }) {
  const { t } = useTranslation();
  if (attachments.length === 0) return null;
  return (
    <ul
      aria-label={t("chat.attach.list")}
      className="mb-2 flex max-w-[88%] flex-wrap justify-end gap-2"
    >
      {attachments.map((attachment) => (
        <li key={attachment.id} className="min-w-0">
          <a
            href={attachmentPath(attachment.id)}
            target="_blank"
            rel="noopener"
            className="block overflow-hidden rounded-lg border hover:bg-hover"
          >
            {attachment.kind === "image" ? <Picture of={attachment} /> : <Name of={attachment} />}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Picture({ of: { id, name } }: { of: Attachment }) {
  return (
    // Its room is kept free, so that the thread doesn't jump when it comes.
    <img
      src={attachmentPath(id)}
      alt={name}
      loading="lazy"
      className="h-36 w-auto min-w-24 max-w-60 bg-sunken object-cover"
    />
  );
}

function Name({ of: { name, size } }: { of: Attachment }) {
  return (
    <span className="flex items-center gap-2 px-3 py-2 text-sm">
      <FileText aria-hidden className="size-4 shrink-0 text-ink-faint" />
      <span className="max-w-56 truncate">{name}</span>
      <span className="shrink-0 text-ink-faint text-xs">{formatBytes(toNumber(size))}</span>
    </span>
  );
}
