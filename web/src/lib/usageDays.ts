/** One UTC day of a chart. */
export type UsageDay = { day: string; cost: number; tokens: number };

type Sum = {
  key: string;
  costUsd: string | number;
  inputTokens: string | number;
  outputTokens: string | number;
};

const length = 86_400_000;

/** Every day from the first to the last, with nothing for days that have no sum. */
export function usageDays(sums: Sum[], from: string, to: string): UsageDay[] {
  const known = new Map(sums.map((sum) => [sum.key, sum]));
  const days: UsageDay[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && days.length < 400; at += length) {
    const day = new Date(at).toISOString().slice(0, 10);
    const sum = known.get(day);
    days.push({
      day,
      cost: Number(sum?.costUsd ?? 0),
      tokens: Number(sum?.inputTokens ?? 0) + Number(sum?.outputTokens ?? 0),
    });
  }
  return days;
}

/** Today as UTC has it. */
export function utcToday(now = Date.now()): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** The first day of a day's month. */
export function monthStart(day: string): string {
  return `${day.slice(0, 8)}01`;
}

/** A day some days before another. */
export function daysBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * length).toISOString().slice(0, 10);
}

/**
 * How tall each day's bar is, from 0 to 1. Days are compared by cost, or by
 * tokens where nothing cost anything; a day on which more was given back than
 * used has no bar.
 */
export function bars(days: UsageDay[]): { of: "cost" | "tokens"; heights: number[] } {
  const of = days.some(({ cost }) => cost > 0) ? "cost" : "tokens";
  const most = Math.max(...days.map((day) => day[of]), 0);
  return { of, heights: days.map((day) => (most > 0 ? Math.max(0, day[of]) / most : 0)) };
}
