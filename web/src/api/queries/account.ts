import { api, unwrap } from "../client";

/** The browser downloads it by itself: it may be larger than a page's memory. */
export const exportPath = "/api/users/me/export";

/** Needs no password shortly after a sign-in. */
export async function deleteAccount(password: string): Promise<void> {
  await unwrap(api.DELETE("/api/users/me", { body: { password } }));
}
