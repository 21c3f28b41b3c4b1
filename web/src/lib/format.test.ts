import { expect, it } from "vitest";
import { formatBytes, formatCompact, formatUsd, toNumber } from "./format";

it("reads int64, which arrives as a string", () => {
  expect(toNumber("84210")).toBe(84210);
  expect(toNumber(-1)).toBe(-1);
  expect(toNumber(null)).toBe(0);
  expect(toNumber("nonsense")).toBe(0);
});

it("keeps the digits of small amounts", () => {
  expect(formatUsd(0)).toBe("$0.00");
  expect(formatUsd(0.00042)).toBe("$0.00042");
  expect(formatUsd(12.5)).toBe("$12.50");
});

it("shortens", () => {
  expect(formatCompact(84210)).toBe("84.2K");
  expect(formatBytes(0)).toBe("0 bytes");
  expect(formatBytes(1024 ** 3)).toBe("1 GB");
  expect(formatBytes(1.5 * 1024 ** 2)).toBe("1.5 MB");
});
