import { api, unwrap } from "../client";
import type { Enrolment } from "../types";

type Codes = { recoveryCodes: string[] };

/** A new secret, which counts once a code of it has been seen. */
export async function enrolAuthenticator(): Promise<Enrolment> {
  return unwrap<Enrolment>(api.POST("/api/auth/totp", { body: {} }));
}

/** Turns two-factor authentication on; only this answer shows the recovery codes. */
export async function confirmAuthenticator(code: string): Promise<string[]> {
  const answer = unwrap<Codes>(api.POST("/api/auth/totp/confirm", { body: { code } }));
  return (await answer).recoveryCodes;
}

export async function renewRecoveryCodes(code: string): Promise<string[]> {
  const answer = unwrap<Codes>(api.POST("/api/auth/totp/recovery-codes", { body: { code } }));
  return (await answer).recoveryCodes;
}

/** Needs nothing shortly after a sign-in, and later the password or a code. */
export async function disableTwoFactor(proof: { password?: string; code?: string }) {
  await unwrap(api.DELETE("/api/auth/totp", { body: proof }));
}
