import type { Role } from "@/api/queries/admin/users";

/** From the least to the most; each holds those before it. */
export const roles: Role[] = ["user", "admin", "owner"];

type Holder = { roles: string[] };

/** The highest role of an account. */
export function rankOf(holder: Holder): Role {
  return roles.findLast((role) => holder.roles.includes(role)) ?? "user";
}

export function isAdmin(holder: Holder): boolean {
  return holder.roles.includes("admin");
}

export function isOwner(holder: Holder): boolean {
  return holder.roles.includes("owner");
}
