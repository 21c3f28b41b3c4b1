import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../../client";
import type { Plan, PlanSummary } from "../../types";

type Plans = { plans: PlanSummary[] };

export const plansQuery = queryOptions({
  queryKey: ["admin", "plans"],
  queryFn: async () => (await unwrap<Plans>(api.GET("/api/admin/plans"))).plans,
});

/** Replaces the plan of this name, or adds it; the others stay. */
export async function putPlan(plan: Plan): Promise<PlanSummary[]> {
  return (await unwrap<Plans>(api.PUT("/api/admin/plans", { body: { plans: [plan] } }))).plans;
}
