import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import { ApiError, isUnauthenticated } from "../errors";
import type { SignedIn, User } from "../types";

export const sessionKey = ["session"] as const;

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: async (): Promise<SignedIn | null> => {
    try {
      return await unwrap<SignedIn>(api.GET("/api/auth/session"));
    } catch (error) {
      if (isUnauthenticated(error)) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
  // No page shows anything before this: without a network it fails, and at once.
  networkMode: "always",
  retry: (count, error) =>
    count < 2 && navigator.onLine && error instanceof ApiError && error.temporary,
});

export type Registration = { email: string; username: string; password: string; fullName?: string };

export async function register(body: Registration): Promise<User> {
  const { user } = await unwrap<{ user: User }>(api.POST("/api/auth/register", { body }));
  return user;
}

export async function login(body: { login: string; password: string }): Promise<User> {
  const { user } = await unwrap<{ user: User }>(api.POST("/api/auth/login", { body }));
  return user;
}

/** The second step, with the challenge of a refusal TOTP_REQUIRED. */
export async function loginWithCode(body: { challenge: string; code: string }): Promise<User> {
  const { user } = await unwrap<{ user: User }>(api.POST("/api/auth/login/totp", { body }));
  return user;
}

export async function logout(): Promise<void> {
  await unwrap(api.POST("/api/auth/logout", { body: {} }));
}

/** Of the settings, the keys that are named are replaced. */
export type ProfileChange = {
  fullName?: string;
  avatarUrl?: string;
  settings?: Record<string, never>;
};

export async function updateProfile(body: ProfileChange): Promise<User> {
  return unwrap<User>(api.PATCH("/api/users/me", { body }));
}
