import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { PlanUsage } from "../types";

export const usageQuery = queryOptions({
  queryKey: ["usage"],
  queryFn: () => unwrap<PlanUsage>(api.GET("/api/users/me/usage")),
  staleTime: 30_000,
});
