import { toNumber } from "@/lib/format";

/** What of the plan's storage may be used before somebody is warned. */
const mostUsed = 0.95;

/** Whether programs in a workspace are about to be refused more storage. */
export function nearlyFull(storage: { used: string | number; limit: string | number }): boolean {
  const limit = toNumber(storage.limit);
  return limit > 0 && toNumber(storage.used) >= limit * mostUsed;
}
