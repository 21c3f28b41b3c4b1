import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ApiError } from "@/api/errors";
import i18n from "@/i18n";
import { errorText, problemText, toldText } from "./errorText";

beforeAll(async () => {
  const { default: texts } = await import("@/i18n/de.errors.json");
  i18n.addResourceBundle("de", "translation", texts, true);
});
beforeEach(() => i18n.changeLanguage("de"));
afterEach(() => i18n.changeLanguage("en"));

test("an error is told in the language shown", async () => {
  const error = new ApiError({ reason: "USERNAME_TAKEN", message: "This username is taken." });
  expect(errorText(error)).toBe("Dieser Benutzername ist vergeben.");
  expect(problemText("is taken")).toBe("ist vergeben");
  await i18n.changeLanguage("en");
  expect(errorText(error)).toBe("This username is taken.");
  expect(problemText("is taken")).toBe("is taken");
});

test("a reason with several sentences has each in German", () => {
  expect(toldText("DISK_FULL", "The disk is full.")).toBe("Die Festplatte ist voll.");
  expect(
    toldText(
      "DISK_FULL",
      "The server's disk is nearly full. What is there works on; new workspaces have to wait until its administrator has made room.",
    ),
  ).toMatch(/fast voll/);
});

test("values of a sentence are written as Germans do", () => {
  const message =
    "This request may need up to 12000 AI tokens, and 990000 of your plan's 1000000 for this month are used or held by answers being written. The count starts again on 1 December 2026 (UTC).";
  const metadata = { used: "990000", limit: "1000000", resetsAt: "2026-12-01T12:00:00Z" };
  expect(errorText(new ApiError({ reason: "QUOTA_EXCEEDED", message, metadata }))).toBe(
    "Diese Anfrage kann bis zu 12.000 KI-Tokens brauchen, und von den 1.000.000 Ihres Tarifs für diesen Monat sind 990.000 verbraucht oder für laufende Antworten vorgemerkt. Am 1. Dezember 2026 beginnt die Zählung neu.",
  );
  const port = "Nothing listens on port 8080 of this workspace. Start your program and try again.";
  expect(toldText("PORT_CLOSED", port)).toMatch(/^An Port 8080 /);
});

test("fields are named with what is wrong with them", () => {
  const fields = { newPassword: "must have at least 10 characters", what: "is odd" };
  const error = new ApiError({ reason: "INVALID_ARGUMENT", message: "…", fields });
  expect(errorText(error)).toBe("newPassword: muss mindestens 10 Zeichen haben; what: is odd");
});

test("what has no German words is told in the server's, as is a sentence without its values", () => {
  expect(toldText("FLOWN_AWAY", "It has flown away.")).toBe("It has flown away.");
  expect(toldText("DISK_FULL", "The disk is rather full.")).toBe("The disk is rather full.");
  const message =
    "This platform's AI budget for this month is used up. The count starts again on 1 May 2027 (UTC).";
  expect(toldText("BUDGET_EXCEEDED", message)).toBe(message);
});

/** What no page shows, and why: parts of the sources, and single reasons. */
const unseen: Record<string, string> = {
  "gateway/aiwire/": "wires for other makers' programs, which read English",
  "gateway/sse/generate.go": "a route for programs",
  "gateway/ws/": "WebSockets close with a code, for which pages have their own texts",
  "gateway/wire/": "answered to what is not well-formed HTTP, which no browser sends",
  "services/ide/internal/codeassist/": "shown by the extension in the editor",
  "services/ide/internal/window/": "the extension's",
  "services/ai/internal/grpcapi/request.go": "what only a program can get wrong",
  "services/ai/internal/generate/request.go": "what only a program can get wrong",
  ACCESS_UNDECLARED: "a fault of the program",
  ALREADY_SETTLED: "a fault of the program",
  CALLER_NOT_ALLOWED: "between services",
  IDENTITY_INVALID: "between services",
  REVOKED: "the gateway's own, for what it keeps in memory",
  AI_REFUSED: "shown by the extension in the editor",
  TICKET_MISSING: "the editor's entrance, which the pages' own form goes through",
  BRANCH_ORDER: "pages don't list a branch that way",
  LAST_EVENT_ID_INVALID: "pages send what the server gave them",
};

const root = "..";
const sources = ["gateway", "pkg", "services"].flatMap((part) =>
  readdirSync(join(root, part), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".go") && !name.endsWith("_test.go"))
    .map((name) => ({
      path: `${part}/${name}`,
      text: readFileSync(join(root, part, name), "utf8"),
    })),
);
const literal = String.raw`("(?:[^"\\]|\\.)*"|\x60[^\x60]*\x60)`;

/** All that a pattern finds in the sources that pages see. */
function found(pattern: RegExp): { path: string; groups: string[] }[] {
  return sources
    .filter(({ path }) => !Object.keys(unseen).some((part) => path.startsWith(part)))
    .flatMap(({ path, text }) =>
      [...text.matchAll(pattern)].map(([, ...groups]) => ({ path, groups })),
    );
}

/** A literal of Go with something for each verb of Printf. */
function spoken(text: string): string {
  const plain = text.startsWith("`") ? text.slice(1, -1) : (JSON.parse(text) as string);
  return plain.replace(/%(?:\.\d+)?[dsqv]/g, "7");
}

/** Sentences that a helper of the archive's puts together. */
function parts(helper: string, sentence: string) {
  const calls = new RegExp(String.raw`\b${helper}\(\w+, "([^"]+)"`, "g");
  return found(calls).map(({ path, groups: [part = ""] }) => ({
    path,
    groups: [JSON.stringify(sentence.replace("%", part))],
  }));
}

test("each error that a page can show has its German sentence", async () => {
  const { errors } = (await import("@/i18n/de.errors.json")).default;
  const metadata = {
    resetsAt: "2026-12-01T12:00:00Z",
    used: "1",
    limit: "2",
    usedUsd: "1",
    limitUsd: "2",
  };
  const told = (reason: string, message: string) =>
    errorText(new ApiError({ reason, message, metadata }));

  const made = found(new RegExp(String.raw`\bNew\(\s*[\w.]+,\s*"([A-Z_]+)",\s*${literal}`, "g"));
  const missing: string[] = [];
  const words = new Map<string, Set<string>>();
  for (const { path, groups } of made) {
    const [reason = "", text = ""] = groups;
    if (reason in unseen || text === '""') continue;
    words.set(reason, (words.get(reason) ?? new Set()).add(text));
    if (told(reason, spoken(text)) === spoken(text)) missing.push(`${path}: ${reason} ${text}`);
  }
  expect(words.size).toBeGreaterThan(150);

  for (const { path, groups } of found(/\breturn "([A-Z_]+)"$/gm)) {
    const [reason = ""] = groups;
    if (path === "pkg/grpcx/errors.go" && !(reason in errors)) missing.push(`${path}: ${reason}`);
  }

  // Other words of a reason, wherever it is from: only one that tells its sentences apart has them.
  const apart = Object.entries(errors).filter(([, text]) => typeof text === "object");
  const other = [
    ...found(new RegExp(String.raw`WithMessage\((?:fmt\.Sprintf\(\s*)?${literal}[,)]`, "g")),
    ...parts("refused", "The archive is not unpacked: 7 %."),
    ...parts("conflict", "Nothing was unpacked: 7 % in the workspace."),
  ].filter(({ groups }) => !groups[0]?.includes("%.200q %s"));
  expect(other.length).toBeGreaterThan(20);
  for (const { path, groups } of other) {
    const text = spoken(groups[0] ?? "");
    if (apart.every(([reason]) => told(reason, text) === text)) missing.push(`${path}: ${text}`);
  }
  expect(missing).toEqual([]);

  // One sentence for all would say the wrong thing.
  const several = [...words].filter(([, all]) => all.size > 1).map(([reason]) => reason);
  expect(
    several.filter((reason) => typeof errors[reason as keyof typeof errors] === "string"),
  ).toEqual([]);
});

test("what can be wrong with a field is said in German", () => {
  const problems = found(
    new RegExp(
      String.raw`(?:apperr\.Invalid\([^,\n]+,|\.WithField\([^,\n]+,|\binvalid\() *(?:fmt\.Sprintf\()?${literal}[,)]`,
      "g",
    ),
  );
  expect(problems.length).toBeGreaterThan(50);
  const missing = problems
    .map(({ path, groups }) => ({ path, text: spoken(groups[0] ?? "") }))
    .filter(({ text }) => problemText(text) === text);
  expect(missing).toEqual([]);
});

test("each list of what is unseen is still of use", () => {
  for (const part of Object.keys(unseen)) {
    const used = sources.some(({ path, text }) =>
      part.includes("/") ? path.startsWith(part) : text.includes(`"${part}"`),
    );
    expect(used, part).toBe(true);
  }
});
