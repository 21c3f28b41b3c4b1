import { useSyncExternalStore } from "react";

/** Conversations that are about to be deleted: gone for the eye, not yet at the server. */
let hidden: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function change(next: Iterable<string>) {
  hidden = new Set(next);
  for (const listener of listeners) listener();
}

export function hide(id: string) {
  change([...hidden, id]);
}

export function unhide(id: string) {
  change([...hidden].filter((other) => other !== id));
}

export function useHidden(): ReadonlySet<string> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => hidden,
  );
}
