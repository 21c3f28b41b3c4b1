import type { AuditFilter } from "@/api/queries/admin/audit";
import type { GroupBy, UsageFilter } from "@/api/queries/admin/usage";
import type { Role, UserFilter } from "@/api/queries/admin/users";
import type { WorkspaceFilter } from "@/api/queries/admin/workspaces";
import { roles } from "./roles";

type Search = Record<string, unknown>;

function text(value: unknown): string | undefined {
  // The router reads ?q=42 as a number.
  const given = typeof value === "number" ? String(value) : value;
  return typeof given === "string" && given !== "" ? given : undefined;
}

function day(value: unknown): string | undefined {
  const given = text(value);
  return given && /^\d{4}-\d{2}-\d{2}$/.test(given) && !Number.isNaN(Date.parse(given))
    ? given
    : undefined;
}

function named<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** The filter of accounts, and the one that is open beside it. */
export type UsersSearch = UserFilter & { user?: string };

export function usersSearch(search: Search): UsersSearch {
  return named({
    q: text(search.q),
    role: roles.includes(search.role as Role) ? (search.role as Role) : undefined,
    plan: text(search.plan),
    active: typeof search.active === "boolean" ? search.active : undefined,
    user: text(search.user),
  });
}

export const statuses = ["running", "starting", "stopping", "stopped", "error"] as const;

export function workspacesSearch(search: Search): WorkspaceFilter {
  const status = statuses.find((one) => one === search.status);
  return named({ userId: text(search.userId), status });
}

/** The filter of the audit log as an address has it: days, the last one included. */
export type AuditSearch = { userId?: string; eventType?: string; from?: string; to?: string };

export function auditSearch(search: Search): AuditSearch {
  return named({
    userId: text(search.userId),
    eventType: text(search.eventType),
    from: day(search.from),
    to: day(search.to),
  });
}

/** The same as the API has it: moments, by the clock of whoever looks. */
export function auditFilter({ from, to, ...rest }: AuditSearch): AuditFilter {
  return named({
    ...rest,
    from: from && midnight(from, 0),
    to: to && midnight(to, 1),
  });
}

function midnight(isoDay: string, daysLater: number): string {
  const [year = 0, month = 1, date = 1] = isoDay.split("-").map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}

/** What of everybody's usage is shown, as an address has it: days in UTC, the last one included. */
export type UsageSearch = {
  groupBy?: GroupBy;
  userId?: string;
  model?: string;
  from?: string;
  to?: string;
};

const groupings: readonly GroupBy[] = ["user", "model", "day"];

export function usageSearch(search: Search): UsageSearch {
  const groupBy = search.groupBy as GroupBy;
  return named({
    groupBy: groupings.includes(groupBy) && groupBy !== "user" ? groupBy : undefined,
    userId: text(search.userId),
    model: text(search.model),
    from: day(search.from),
    to: day(search.to),
  });
}

/** The same as the API has it. The ledger's days are UTC's, wherever one looks from. */
export function usageFilter({ from, to, ...rest }: UsageSearch): UsageFilter {
  return named({
    ...rest,
    from: from && new Date(`${from}T00:00:00Z`).toISOString(),
    to: to && new Date(Date.parse(`${to}T00:00:00Z`) + 86_400_000).toISOString(),
  });
}
