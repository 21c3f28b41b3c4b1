import { useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";
import { focusEditor } from "@/lib/editorFrame";

/**
 * The chat beside the editor: whether it is open, and which conversation it
 * shows, also when it is opened again. Ctrl/⌘+Shift+L opens and closes it; the
 * editor's own page tells when that is pressed there.
 */
export function useChatPanel(workspaceId: string) {
  const { conversation: wanted } = useSearch({ from: "/ide/workspace/$workspaceId" });
  const [open, setOpen] = useState(wanted !== undefined);
  const [conversation, setConversation] = useState(wanted ?? "");
  const toggle = useCallback(() => setOpen((was) => !was), []);
  const close = useCallback(() => {
    setOpen(false);
    focusEditor(workspaceId);
  }, [workspaceId]);
  const pressed = open ? close : toggle;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { code, shiftKey, altKey, ctrlKey, metaKey } = event;
      if (code !== "KeyL" || !shiftKey || altKey || ctrlKey === metaKey) return;
      event.preventDefault();
      pressed();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [pressed]);
  return { open, conversation, setConversation, toggle: pressed };
}

export type ChatPanelState = ReturnType<typeof useChatPanel>;
