import { expect, test } from "vitest";
import { stopsSoon } from "./idle";

test("a stop is announced ten minutes ahead", () => {
  const now = Date.parse("2026-05-01T12:00:00Z");
  expect(stopsSoon("2026-05-01T12:10:00Z", now)).toBe(false);
  expect(stopsSoon("2026-05-01T12:09:59Z", now)).toBe(true);
  expect(stopsSoon("2026-05-01T11:59:59Z", now)).toBe(true);
});
