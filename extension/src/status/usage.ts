/** The plan's AI tokens of this month: what is used of what there is. */
export type Usage = { used: number; limit: number; resetsAt?: Date };

/** The plan's part of GET /api/ai/usage; int64 comes as text. */
export type UsageAnswer = { planTokens?: { used?: string; limit?: string; resetsAt?: string } };

/** Reads the answer; undefined where the platform tells no plan. */
export function usageFrom({ planTokens }: UsageAnswer): Usage | undefined {
  if (!planTokens) return undefined;
  return {
    used: Number(planTokens.used ?? 0),
    limit: Number(planTokens.limit ?? 0),
    resetsAt: planTokens.resetsAt ? new Date(planTokens.resetsAt) : undefined,
  };
}

/** How much of the plan is used, in whole percent; undefined without a limit. */
export function percentOf({ used, limit }: Usage): number | undefined {
  if (limit < 0) return undefined;
  return limit === 0 ? 100 : Math.min(100, Math.floor((used / limit) * 100));
}

/** The figures in words. */
export function usageInWords(usage: Usage): string {
  const used = usage.used.toLocaleString('en');
  if (usage.limit < 0) return `${used} AI tokens used this month`;
  return `${used} of ${usage.limit.toLocaleString('en')} AI tokens used this month`;
}
