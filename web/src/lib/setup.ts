import type { User } from "@/api/types";

/** What somebody who sets a deployment up has to look at, in this order. */
export const setupSteps = ["provider", "plans", "isolation"] as const;
export type SetupStep = (typeof setupSteps)[number];

/** How far somebody is: which steps are done, and whether the guide is put away. */
export type Setup = { done: SetupStep[]; dismissed: boolean };

/** Kept in the user's settings, so that it goes on in any browser. */
export function setupOf({ settings }: Pick<User, "settings">): Setup {
  const { done, dismissed } = (settings?.setup ?? {}) as Record<string, unknown>;
  const named = Array.isArray(done) ? done : [];
  return { done: setupSteps.filter((step) => named.includes(step)), dismissed: dismissed === true };
}

/** Whether the start page leads there: an owner's has not looked at all of it. */
export function remindsOfSetup(user: Pick<User, "settings" | "roles">): boolean {
  const { done, dismissed } = setupOf(user);
  return user.roles.includes("owner") && !dismissed && done.length < setupSteps.length;
}
