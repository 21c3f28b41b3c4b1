import { queryOptions } from "@tanstack/react-query";
import { getJson } from "../client";
import type { PlanUsage } from "../types";

export const usageQuery = queryOptions({
  queryKey: ["usage"],
  queryFn: () => getJson<PlanUsage>("/api/users/me/usage"),
  staleTime: 30_000,
});
