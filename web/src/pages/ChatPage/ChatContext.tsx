import { createContext, useContext } from "react";
import type { Message } from "@/api/types";

/** What a message of the thread can ask the page to do. */
export type Chat = {
  /** True while an answer is being written: one turn at a time. */
  busy: boolean;
  editing: string | null;
  setEditing: (id: string | null) => void;
  edit: (message: Message, content: string) => void;
  /** Answers the question once more, with the chosen model or with another. */
  regenerate: (message: Message, model?: string) => void;
  /** Shows the branch that goes through the given message. */
  choose: (messageId: string) => void;
};

export const ChatContext = createContext<Chat | null>(null);

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (!chat) throw new Error("useChat needs a ChatContext around it");
  return chat;
}
