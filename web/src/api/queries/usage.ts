import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { PlanUsage, UsageGroup } from "../types";

export const usageQuery = queryOptions({
  queryKey: ["usage"],
  queryFn: () => unwrap<PlanUsage>(api.GET("/api/users/me/usage")),
  staleTime: 30_000,
});

function listUsage(groupBy: "model" | "day") {
  return queryOptions({
    queryKey: ["usage", groupBy],
    queryFn: async () =>
      (
        await unwrap<{ groups: UsageGroup[] }>(
          api.GET("/api/ai/usage", { params: { query: { period: "month", groupBy } } }),
        )
      ).groups,
    staleTime: 30_000,
  });
}

/** The last month's calls by model, and by UTC day. */
export const usageByModelQuery = listUsage("model");
export const usageByDayQuery = listUsage("day");
