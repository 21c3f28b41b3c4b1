import { expect, it } from "vitest";
import { amountsOf } from "./amounts";

it("reads what is added and what is given back", () => {
  expect(amountsOf("-1200", "")).toEqual({ inputTokens: "-1200", costUsd: 0 });
  expect(amountsOf(" 5 ", "-0.25")).toEqual({ inputTokens: "5", costUsd: -0.25 });
});

it.each([
  ["1.5", ""],
  ["", "1e3"],
  ["", "0.0000001"],
  ["many", ""],
  ["", "$5"],
])("refuses %j and %j", (tokens, dollars) => {
  expect(amountsOf(tokens, dollars)).toBe("invalid");
});

it.each([
  ["", ""],
  ["0", "0.00"],
  ["-0", ""],
])("finds nothing in %j and %j", (tokens, dollars) => {
  expect(amountsOf(tokens, dollars)).toBe("none");
});
