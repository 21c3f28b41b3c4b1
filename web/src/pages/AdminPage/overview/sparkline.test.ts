import { expect, it } from "vitest";
import { points } from "./sparkline";

it("draws the highest at the top and nothing at the bottom", () => {
  expect(points([0, 5, 10])).toBe("0,100 50,50 100,0");
  expect(points([0, 0])).toBe("0,100 100,100");
  expect(points([7])).toBe("0,0");
  expect(points([])).toBe("");
});
