import { RotateCcw } from "lucide-react";
import type { Message } from "@/api/types";
import { LazyMarkdown } from "@/components/markdown/LazyMarkdown";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import type { Node } from "@/turns/tree";
import { useChat } from "../ChatContext";
import { BranchNav } from "./BranchNav";
import { CopyButton } from "./CopyButton";
import { MessageActions } from "./MessageActions";
import { MessageUsage } from "./MessageUsage";
import { RegenerateWith } from "./RegenerateWith";
import { StatusNote } from "./StatusNote";

export function AssistantMessage({ node, last }: { node: Node; last: boolean }) {
  const { t } = useTranslation();
  const { regenerate, busy } = useChat();
  const { message } = node;
  const streaming = message.status === "streaming";
  return (
    <article aria-label={t("chat.assistant")} aria-busy={streaming} className="group">
      {message.content === "" && streaming ? (
        <Waiting />
      ) : (
        <div className={cn(streaming && "streaming")}>
          <LazyMarkdown text={message.content} streaming={streaming} />
        </div>
      )}
      <Omitted of={message} />
      <StatusNote message={message} />
      {!streaming && (
        <MessageActions visible={last}>
          <BranchNav node={node} />
          <CopyButton text={message.content} />
          <IconButton
            small
            label={t("chat.regenerate")}
            disabled={busy}
            onClick={() => regenerate(message)}
          >
            <RotateCcw />
          </IconButton>
          <RegenerateWith message={message} />
          <MessageUsage message={message} />
        </MessageActions>
      )}
    </article>
  );
}

/** Says that a part of the conversation was not known to the model when it answered. */
function Omitted({ of: { metadata } }: { of: Message }) {
  const { t } = useTranslation();
  const count = Number(metadata?.omittedMessages ?? 0);
  if (!(count > 0)) return null;
  return <p className="mt-3 text-busy text-sm">{t("chat.context.omitted", { count })}</p>;
}

/** Three dots until the first word: the answer is on its way. */
function Waiting() {
  const { t } = useTranslation();
  return (
    <div className="flex h-7 items-center gap-1.5">
      <span className="sr-only">{t("chat.thinking")}</span>
      {[0, 200, 400].map((delay) => (
        <span
          key={delay}
          aria-hidden
          className="size-1.5 animate-pulse-soft rounded-full bg-ink-faint"
          style={{ animationDelay: `${delay}ms` }}
        />
      ))}
    </div>
  );
}
