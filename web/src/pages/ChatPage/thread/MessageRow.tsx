import { memo } from "react";
import type { Node } from "@/turns/tree";
import { AssistantMessage } from "./AssistantMessage";
import { UserMessage } from "./UserMessage";

type Props = { node: Node; last: boolean };

export const MessageRow = memo(
  function MessageRow({ node, last }: Props) {
    const Row = node.message.role === "user" ? UserMessage : AssistantMessage;
    return (
      <div className="mx-auto w-full max-w-[768px] px-4 pb-6 sm:px-6">
        <Row node={node} last={last} />
      </div>
    );
  },
  // The branch is computed anew with every word; a row changes only with its own message.
  (a, b) =>
    a.last === b.last &&
    a.node.message === b.node.message &&
    a.node.position === b.node.position &&
    a.node.siblings.length === b.node.siblings.length,
);
