import { expect, it } from "vitest";
import { nearlyFull } from "./storage";

it("warns before storage is used up, and never without a limit", () => {
  expect(nearlyFull({ used: "94", limit: "100" })).toBe(false);
  expect(nearlyFull({ used: "95", limit: "100" })).toBe(true);
  expect(nearlyFull({ used: 120, limit: 100 })).toBe(true);
  expect(nearlyFull({ used: "120", limit: "-1" })).toBe(false);
});
