import { api, unwrap } from "../client";

export type PasswordChange = { currentPassword: string; newPassword: string };

export async function changePassword(body: PasswordChange): Promise<void> {
  await unwrap(api.POST("/api/auth/password", { body }));
}

/** Asks for a link; the answer does not tell whether the address has an account. */
export async function forgotPassword(body: { email: string }): Promise<void> {
  await unwrap(api.POST("/api/auth/password/forgot", { body }));
}

export async function resetPassword(body: { token: string; newPassword: string }): Promise<void> {
  await unwrap(api.POST("/api/auth/password/reset", { body }));
}
