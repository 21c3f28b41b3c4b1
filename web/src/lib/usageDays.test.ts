import { expect, it } from "vitest";
import { bars, daysBefore, monthStart, usageDays, utcToday } from "./usageDays";

const sum = (key: string, costUsd: number, inputTokens = "10", outputTokens = "5") => ({
  key,
  costUsd,
  inputTokens,
  outputTokens,
});

it("has every day, also those without a call and over the end of a month", () => {
  const days = usageDays([sum("2026-03-01", 2), sum("2026-02-27", 1)], "2026-02-27", "2026-03-01");
  expect(days).toEqual([
    { day: "2026-02-27", cost: 1, tokens: 15 },
    { day: "2026-02-28", cost: 0, tokens: 0 },
    { day: "2026-03-01", cost: 2, tokens: 15 },
  ]);
  expect(usageDays([], "2026-03-02", "2026-03-01")).toEqual([]);
  expect(usageDays([], "1970-01-01", "2026-03-01")).toHaveLength(400);
});

it("compares days by cost, and by tokens where nothing cost anything", () => {
  const paid = usageDays([sum("2026-03-01", 4), sum("2026-03-02", 1)], "2026-03-01", "2026-03-03");
  expect(bars(paid)).toEqual({ of: "cost", heights: [1, 0.25, 0] });
  const free = usageDays(
    [sum("2026-03-01", 0), sum("2026-03-02", 0, "0", "30")],
    "2026-03-01",
    "2026-03-02",
  );
  expect(bars(free)).toEqual({ of: "tokens", heights: [0.5, 1] });
});

it("has no bar for a day on which more was given back than used", () => {
  const days = usageDays([sum("2026-03-01", 4), sum("2026-03-02", -9)], "2026-03-01", "2026-03-02");
  expect(bars(days).heights).toEqual([1, 0]);
  expect(bars([]).heights).toEqual([]);
});

it("counts days as UTC does", () => {
  expect(utcToday(Date.parse("2026-03-01T00:30:00+02:00"))).toBe("2026-02-28");
  expect(monthStart("2026-02-28")).toBe("2026-02-01");
  expect(daysBefore("2026-03-01", 1)).toBe("2026-02-28");
});
