const field = "token";
const listeners = new Set<() => void>();
let taken: string | undefined;

/**
 * Takes the token of a link to set a new password out of the address, where
 * history and screenshots would keep it, and answers whether there was
 * anything to take. The token lives as long as the page.
 */
export function takeResetToken(): boolean {
  const { hash, pathname } = window.location;
  if (!hash) return false;
  taken = new URLSearchParams(hash.slice(1)).get(field) ?? taken;
  window.history.replaceState(window.history.state, "", pathname);
  for (const listener of listeners) listener();
  return true;
}

export function resetToken(): string | undefined {
  return taken;
}

/** Tells of another link that was opened in the same tab. */
export function onResetToken(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
