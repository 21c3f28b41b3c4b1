import { expect, it } from "vitest";
import i18n from "@/i18n";
import german from "@/i18n/de.admin.json";
import { formatLimit, limitOf, limits, limitText } from "./limits";

const gigabyte = 1024 ** 3;
const named = (field: string) => {
  const found = limits.find((limit) => limit.field === field);
  if (!found) throw new Error(`no limit ${field}`);
  return found;
};

it("shows limits in the units that people think in", () => {
  expect(formatLimit("ideSecondsMonthly", "360000")).toBe("100 hours");
  expect(formatLimit("storageBytes", String(10 * gigabyte))).toBe("10 GB");
  expect(formatLimit("memoryBytes", String(512 * 1024 ** 2))).toBe("512 MB");
  expect(formatLimit("cpuMillis", "1500")).toBe("1.5 cores");
  expect(formatLimit("cpuMillis", "1000")).toBe("1 core");
  expect(formatLimit("aiTokensMonthly", "100000")).toBe("100,000");
  expect(formatLimit("monthlyBudgetUsd", 19.9)).toBe("$19.90");
  expect(formatLimit("monthlyBudgetUsd", -1)).toBeUndefined();
  expect(formatLimit("workspaces", "-1")).toBeUndefined();
});

it("reads what is typed back into the contract's figures", () => {
  expect(limitOf(named("ideSecondsMonthly"), "1.5")).toBe("5400");
  expect(limitOf(named("storageBytes"), "10")).toBe("10737418240");
  expect(limitOf(named("cpuMillis"), "0.25")).toBe("250");
  expect(limitOf(named("aiTokensMonthly"), "0")).toBe("0");
  expect(limitOf(named("monthlyBudgetUsd"), "19.99")).toBe("19.99");
  expect(limitOf(named("monthlyBudgetUsd"), "0.0000004")).toBe("0");
});

it.each(["", "  ", "-1", "1e3", "ten", "1.2.3", "99999999999999999999"])("refuses %j", (text) => {
  expect(limitOf(named("aiTokensMonthly"), text)).toBeUndefined();
});

it("leaves a figure alone that nobody touched, though its text is rounded", () => {
  const odd = "1234567891";
  const storage = named("storageBytes");
  expect(limitText(storage, odd)).toBe("1.15");
  expect(limitOf(storage, "1.15", odd)).toBe(odd);
  expect(limitOf(storage, "1.25", odd)).toBe(String(1.25 * gigabyte));
});

it("writes figures as the language does", async () => {
  i18n.addResourceBundle("de", "translation", german, true);
  await i18n.changeLanguage("de");
  expect(formatLimit("cpuMillis", "500")).toBe("0,5 Kerne");
  await i18n.changeLanguage("en");
});
