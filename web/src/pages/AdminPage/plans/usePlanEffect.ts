import { useQuery } from "@tanstack/react-query";
import { type CountedLimits, planEffectQuery } from "@/api/queries/admin/plans";
import type { Plan } from "@/api/types";
import { type LimitField, limits } from "@/lib/limits";
import { useDebounced } from "@/lib/useDebounced";

const counted: LimitField[] = [
  "aiTokensMonthly",
  "monthlyBudgetUsd",
  "ideSecondsMonthly",
  "workspaces",
];

/**
 * What the limits in the form, in their order, would do to the accounts of a
 * plan. Undefined for a new plan, and as long as nothing is changed.
 */
export function usePlanEffect(plan: Plan | undefined, figures: (string | undefined)[]) {
  const changed: CountedLimits = {};
  for (const [i, { field }] of limits.entries()) {
    const figure = figures[i];
    if (counted.includes(field) && figure !== undefined && figure !== String(plan?.[field])) {
      Object.assign(changed, { [field]: figure });
    }
  }
  const text = JSON.stringify(changed);
  const settled = useDebounced(text, 250);
  const wanted = plan !== undefined && text !== "{}";
  const asked = useQuery({
    ...planEffectQuery(plan?.name ?? "", JSON.parse(settled) as CountedLimits),
    enabled: wanted && settled !== "{}",
  });
  return {
    effect: wanted && settled !== "{}" ? asked.data : undefined,
    /** What is shown is not yet of what is in the form. */
    looking: wanted && (text !== settled || asked.isFetching),
    error: wanted ? asked.error : null,
  };
}
