import { FileWarning } from "lucide-react";
import { memo } from "react";
import type { ConversationContext } from "@/api/types";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import type { Node } from "@/turns/tree";
import { AssistantMessage } from "./AssistantMessage";
import { SummaryMark } from "./SummaryMark";
import { UserMessage } from "./UserMessage";

type Props = {
  node: Node;
  last: boolean;
  found: boolean;
  /** Given to the last message that the model knows by a summary only. */
  summary?: ConversationContext;
};

/** Said of a message whose text is lost, so that an empty one is not taken for it. */
function Unreadable() {
  const { t } = useTranslation();
  return (
    <Notice kind="warning" icon={FileWarning} className="mb-2 text-sm">
      {t("chat.unreadable")}
    </Notice>
  );
}

export const MessageRow = memo(
  function MessageRow({ node, last, found, summary }: Props) {
    const asked = node.message.role === "user";
    const Row = asked ? UserMessage : AssistantMessage;
    return (
      <div
        data-found={found || undefined}
        className={cn(
          "mx-auto w-full max-w-[768px] px-4 sm:px-6",
          asked ? "pb-2" : "pb-6",
          found && "animate-found",
        )}
      >
        {node.message.unreadable && <Unreadable />}
        <Row node={node} last={last} />
        {summary && <SummaryMark of={summary} />}
      </div>
    );
  },
  // The branch is computed anew with every word; a row changes only with its own message.
  (a, b) =>
    a.last === b.last &&
    a.found === b.found &&
    a.summary === b.summary &&
    a.node.message === b.node.message &&
    a.node.position === b.node.position &&
    a.node.siblings.length === b.node.siblings.length,
);
