import type { Plan } from "@/api/types";
import { toNumber } from "@/lib/format";
import { type LimitField, limits, limitText } from "@/lib/limits";

export type LimitValue = { text: string; none: boolean };

/** A plan as its form has it. */
export type PlanValues = {
  name: string;
  isolation: string;
  limits: Record<LimitField, LimitValue>;
};

export function valuesOf(plan: Plan | undefined): PlanValues {
  const entries = limits.map((limit) => {
    const raw = plan?.[limit.field] ?? 0;
    const none = toNumber(raw) < 0;
    return [limit.field, { text: plan ? limitText(limit, raw) : "", none }];
  });
  return {
    name: plan?.name ?? "",
    isolation: plan?.isolation ?? "",
    limits: Object.fromEntries(entries) as PlanValues["limits"],
  };
}
