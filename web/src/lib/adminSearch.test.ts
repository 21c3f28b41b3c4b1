import { expect, it } from "vitest";
import { auditFilter, auditSearch, usersSearch } from "./adminSearch";

it("takes from an address what is a filter of accounts", () => {
  expect(usersSearch({ q: 42, role: "admin", plan: "free", active: false })).toEqual({
    q: "42",
    role: "admin",
    plan: "free",
    active: false,
  });
  expect(usersSearch({ q: "", role: "root", active: "yes", other: 1 })).toEqual({});
});

it("takes days, and nothing that only looks like one", () => {
  expect(auditSearch({ from: "2026-03-01", to: "2026-13-40" })).toEqual({ from: "2026-03-01" });
  expect(auditSearch({ eventType: "auth.", userId: "x" })).toEqual({
    eventType: "auth.",
    userId: "x",
  });
});

it("asks for whole days, the last one included", () => {
  const { from, to } = auditFilter({ from: "2026-02-28", to: "2026-02-28" });
  expect(from).toBe(new Date(2026, 1, 28).toISOString());
  expect(to).toBe(new Date(2026, 2, 1).toISOString());
  expect(auditFilter({ userId: "u" })).toEqual({ userId: "u" });
});
