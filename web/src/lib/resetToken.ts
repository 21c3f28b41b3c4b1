const field = "token";
let taken: string | undefined;

/**
 * Takes the token of a link to set a new password out of the address, where
 * history and screenshots would keep it. It lives as long as the page.
 */
export function takeResetToken() {
  const token = new URLSearchParams(window.location.hash.slice(1)).get(field);
  if (token) taken = token;
  if (!window.location.hash) return false;
  window.history.replaceState(window.history.state, "", window.location.pathname);
  return true;
}

export function resetToken(): string | undefined {
  return taken;
}

export function forgetResetToken() {
  taken = undefined;
}
