import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../../client";
import type { components } from "../../schema.gen";
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

/** What new limits would do to the accounts that have a plan. */
export type PlanEffect = components["schemas"]["PlanEffect"];
/** The limits that can be held against what accounts use. */
export type CountedLimits = Partial<
  Record<"aiTokensMonthly" | "ideSecondsMonthly" | "workspaces" | "monthlyBudgetUsd", string>
>;

export function planEffectQuery(name: string, limits: CountedLimits) {
  return queryOptions({
    queryKey: ["admin", "plans", "effect", name, limits] as const,
    queryFn: () => {
      const { monthlyBudgetUsd, ...whole } = limits;
      const budget = monthlyBudgetUsd ? { monthlyBudgetUsd: Number(monthlyBudgetUsd) } : {};
      const query = { name, ...whole, ...budget };
      return unwrap<PlanEffect>(api.GET("/api/admin/plans/effect", { params: { query } }));
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}
