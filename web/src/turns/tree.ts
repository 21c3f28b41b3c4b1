import type { Message } from "@/api/types";

/** A message in the branch that is shown, and its place among its siblings. */
export type Node = { message: Message; siblings: string[]; position: number };

type Index = { byId: Map<string, Message>; children: Map<string, Message[]> };

function index(messages: Message[]): Index {
  const byId = new Map<string, Message>();
  const children = new Map<string, Message[]>();
  for (const message of messages) {
    byId.set(message.id, message);
    const siblings = children.get(message.parentId);
    if (siblings) siblings.push(message);
    else children.set(message.parentId, [message]);
  }
  return { byId, children };
}

/** The newest leaf below a message: what choosing one of its siblings shows. */
export function newestLeaf(messages: Message[], id: string): string {
  const { children } = index(messages);
  let leaf = id;
  for (;;) {
    const next = children.get(leaf)?.at(-1);
    if (!next) return leaf;
    leaf = next.id;
  }
}

/** True when the branch begins, or ends, before the messages that are loaded. */
export function goesFurtherBack(messages: Message[], nodes: Node[], head: string): boolean {
  const first = nodes[0]?.message;
  const headKnown = head === "" || messages.some((message) => message.id === head);
  return !headKnown || (first !== undefined && first.parentId !== "");
}

/**
 * The branch that ends at head, from its root. A head that is unknown or has
 * been answered since is followed down to the newest message below it.
 */
export function branch(messages: Message[], head: string): Node[] {
  const { byId, children } = index(messages);
  let cursor = byId.get(head) ?? messages.at(-1);
  for (let next = cursor; next; next = children.get(next.id)?.at(-1)) cursor = next;

  const path: Node[] = [];
  for (; cursor; cursor = byId.get(cursor.parentId)) {
    const siblings = (children.get(cursor.parentId) ?? [cursor]).map((message) => message.id);
    path.push({ message: cursor, siblings, position: siblings.indexOf(cursor.id) });
  }
  return path.reverse();
}
