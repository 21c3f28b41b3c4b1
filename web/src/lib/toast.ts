import type { ExternalToast } from "sonner";

type Show = (kind: "message" | "success" | "error", text: string, options?: ExternalToast) => void;

let show: Show | undefined;
let waiting: Parameters<Show>[] = [];
let onFirst: (() => void) | undefined;

/** Says how something went. The toasts themselves are loaded by the first of them. */
export const toast = {
  message: (text: string, options?: ExternalToast) => say("message", text, options),
  success: (text: string) => say("success", text),
  error: (text: string) => say("error", text),
};

const say: Show = (...args) => {
  if (show) return show(...args);
  waiting.push(args);
  onFirst?.();
};

/** Calls back when there is something to show and nothing yet to show it with. */
export function onFirstToast(listener: () => void) {
  onFirst = listener;
}

export function connectToasts(next: Show) {
  show = next;
  for (const args of waiting) next(...args);
  waiting = [];
}
