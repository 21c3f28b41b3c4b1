import type { KeyboardEvent } from "react";

/** Enter alone sends. Not while an input method is composing: there it chooses a word. */
export function isSubmit(event: KeyboardEvent): boolean {
  // Safari ends the composition before the key event; 229 is its mark.
  const composing = event.nativeEvent.isComposing || event.keyCode === 229;
  return event.key === "Enter" && !event.shiftKey && !event.altKey && !composing;
}
