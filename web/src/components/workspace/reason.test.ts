import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import i18n from "@/i18n";
import { reasonOf } from "./reason";

const t = (key: string, values?: Record<string, unknown>) => i18n.t(key, { ...values });

afterEach(() => i18n.changeLanguage("en"));

async function german() {
  const { default: texts } = await import("@/i18n/de.tools.json");
  i18n.addResourceBundle("de", "translation", texts, true);
  await i18n.changeLanguage("de");
}

test("why a workspace stopped is said in the language shown", async () => {
  const idle = {
    statusReason: "Stopped because nobody worked in it for 2 hours.",
    statusCause: { code: "STOPPED_IDLE", values: { idleSeconds: "7200" } },
  };
  const unused = {
    statusReason: "Nobody has used it.",
    statusCause: {
      code: "UNUSED",
      values: { since: "2026-01-02T12:00:00Z", deleteAt: "2026-03-04T12:00:00Z" },
    },
  };
  expect(reasonOf(t, idle)).toBe(idle.statusReason);
  expect(reasonOf(t, unused)).toContain("January 2, 2026");
  await german();
  expect(reasonOf(t, idle)).toBe("Angehalten, weil 2 Stunden lang niemand darin gearbeitet hat.");
  expect(reasonOf(t, unused)).toContain("Am 4. März 2026 wird er");
});

test("a reason that the page does not know is told in the server's words", async () => {
  await german();
  const words = "It has flown away.";
  expect(reasonOf(t, { statusReason: words, statusCause: { code: "FLOWN" } })).toBe(words);
  expect(reasonOf(t, { statusReason: words, statusCause: null })).toBe(words);
});

test("each code that the service gives has its text", async () => {
  const source = readFileSync("../services/ide/internal/workspace/reason.go", "utf8");
  const codes = [...source.matchAll(/Code:\s+"(\w+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  for (const language of ["en", "de"]) {
    const { cause } = (await import(`@/i18n/${language}.tools.json`)).default;
    expect(Object.keys(cause).sort()).toEqual([...codes].sort());
  }
});
