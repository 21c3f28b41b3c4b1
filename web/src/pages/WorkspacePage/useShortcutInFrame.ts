import { type RefObject, useEffect } from "react";

/**
 * Listens for the chat's shortcut in a frame: the editor's page tells that it
 * was pressed, and nothing else. Only that frame is heard, and only while what
 * stands in it is of the workspace's own origin.
 */
export function useShortcutInFrame(
  frame: RefObject<HTMLIFrameElement | null>,
  origin: string | undefined,
  onPressed: () => void,
) {
  useEffect(() => {
    const onMessage = (event: MessageEvent) => {
      if (event.source === null || event.source !== frame.current?.contentWindow) return;
      if (event.origin === origin && event.data?.type === "atrium.chat") onPressed();
    };
    window.addEventListener("message", onMessage);
    return () => window.removeEventListener("message", onMessage);
  }, [frame, origin, onPressed]);
}
