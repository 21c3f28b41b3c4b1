import type { Message } from "@/api/types";

/** A message of a test; whatever it does not name is of no matter. */
export function message(id: string, parentId = "", more: Partial<Message> = {}): Message {
  return {
    id,
    parentId,
    conversationId: "c",
    role: "user",
    content: id,
    status: "complete",
    model: "",
    createdAt: "2026-01-01T00:00:00Z",
    unreadable: false,
    ...more,
  };
}
