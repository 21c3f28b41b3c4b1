import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../../client";
import { asApiError, errorFromBody } from "../../errors";
import type { BudgetAlert, DeploymentBudget, UsageEntry, UsageSum } from "../../types";

export type GroupBy = "user" | "model" | "day";
/** Times are RFC 3339; from is included, to is not. Without them it is this month. */
export type UsageFilter = {
  groupBy?: GroupBy;
  userId?: string;
  model?: string;
  from?: string;
  to?: string;
};
export type UsagePage = {
  groups: UsageSum[];
  nextPageToken: string;
  total: UsageSum;
  budget: DeploymentBudget;
  alerts: BudgetAlert[];
};
export type EntryPage = { entries: UsageEntry[]; nextPageToken: string };
export type Correction = {
  userId: string;
  requestId?: string;
  inputTokens?: string;
  costUsd?: number;
  reason: string;
};

export const adminUsageKey = ["admin", "usage"] as const;

function list(filter: UsageFilter & { pageSize?: number; pageToken?: string }) {
  return unwrap<UsagePage>(api.GET("/api/admin/usage", { params: { query: filter } }));
}

export function adminUsageQuery(filter: UsageFilter) {
  return infiniteQueryOptions({
    queryKey: [...adminUsageKey, "sums", filter],
    queryFn: ({ pageParam }) => list({ ...filter, pageToken: pageParam || undefined }),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

/** The same by day, for the chart: the newest 200 days. */
export function adminUsageDaysQuery({ groupBy: _, ...filter }: UsageFilter) {
  return queryOptions({
    queryKey: [...adminUsageKey, "days", filter],
    queryFn: async () => (await list({ ...filter, groupBy: "day", pageSize: 200 })).groups,
  });
}

export function usageEntriesQuery({ groupBy: _, ...filter }: UsageFilter) {
  return infiniteQueryOptions({
    queryKey: [...adminUsageKey, "entries", filter],
    queryFn: ({ pageParam }) => {
      const query = { ...filter, pageSize: 20, pageToken: pageParam || undefined };
      return unwrap<EntryPage>(api.GET("/api/admin/usage/entries", { params: { query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

/** Adds a correction; the key makes a second try of the same one the first. */
export async function correctUsage(correction: Correction & { key: string }): Promise<UsageEntry> {
  const { key, ...body } = correction;
  const headers = { "Idempotency-Key": key };
  return unwrap<UsageEntry>(api.POST("/api/admin/usage/corrections", { body, headers }));
}

/** All that the filter leaves, as a table. */
export async function usageTable(filter: UsageFilter): Promise<Blob> {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  let response: Response;
  try {
    response = await fetch(`/api/admin/usage?${query}`, { headers: { Accept: "text/csv" } });
  } catch (cause) {
    throw asApiError(cause);
  }
  const csv = response.headers.get("Content-Type")?.startsWith("text/csv");
  if (!response.ok || !csv) throw errorFromBody(await response.json().catch(() => null), response);
  return response.blob();
}
