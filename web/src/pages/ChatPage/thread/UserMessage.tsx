import { Pencil } from "lucide-react";
import { useState } from "react";
import { isPlaceholder } from "@/api/queries/messages";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import type { Node } from "@/turns/tree";
import { useChat } from "../ChatContext";
import { Attachments } from "./Attachments";
import { BranchNav } from "./BranchNav";
import { CopyButton } from "./CopyButton";
import { EditMessage } from "./EditMessage";
import { MessageActions } from "./MessageActions";

export function UserMessage({ node, last }: { node: Node; last: boolean }) {
  const { t } = useTranslation();
  const { editing, setEditing, edit, busy } = useChat();
  const { message } = node;
  if (editing === message.id) {
    return (
      <EditMessage
        text={message.content}
        onCancel={() => setEditing(null)}
        onSend={(content) => {
          setEditing(null);
          edit(message, content);
        }}
      />
    );
  }
  return (
    <article aria-label={t("chat.you")} className="group flex flex-col items-end">
      <Attachments of={message} />
      <UserText text={message.content} />
      <MessageActions visible={last} className="justify-end">
        <BranchNav node={node} />
        <CopyButton text={message.content} />
        <IconButton
          small
          label={t("chat.edit")}
          disabled={busy || isPlaceholder(message)}
          onClick={() => setEditing(message.id)}
        >
          <Pencil />
        </IconButton>
      </MessageActions>
    </article>
  );
}

const longText = 1_200;

/** What was asked, as it was typed; a long paste is folded. */
function UserText({ text }: { text: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(text.length <= longText);
  return (
    <div className="max-w-[88%] rounded-xl rounded-ee-sm bg-hover px-4 py-2.5 text-base">
      <p
        dir="auto"
        className={
          open
            ? "wrap-anywhere whitespace-pre-wrap"
            : "wrap-anywhere line-clamp-8 whitespace-pre-wrap"
        }
      >
        {text}
      </p>
      {text.length > longText && (
        <button
          type="button"
          aria-expanded={open}
          className="mt-1 text-accent-ink text-sm underline underline-offset-3"
          onClick={() => setOpen(!open)}
        >
          {open ? t("chat.showLess") : t("chat.showAll")}
        </button>
      )}
    </div>
  );
}
