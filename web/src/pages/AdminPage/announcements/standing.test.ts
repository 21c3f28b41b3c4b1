import { expect, it } from "vitest";
import { localText, momentOf, standingOf } from "./standing";

it("tells what is shown from what was and what will be", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const noon = "2026-03-01T12:00:00Z";
  expect(standingOf({}, now)).toBe("shown");
  expect(standingOf({ from: noon }, now)).toBe("shown");
  expect(standingOf({ from: "2026-03-01T12:00:01Z" }, now)).toBe("planned");
  expect(standingOf({ until: noon }, now)).toBe("over");
  expect(standingOf({ until: "2026-03-01T12:00:01Z" }, now)).toBe("shown");
});

it("gives back the moment that it shows", () => {
  const at = "2026-03-29T02:30:00.000Z";
  expect(momentOf(localText(at))).toBe(at);
  expect(localText(null)).toBe("");
  expect(momentOf("")).toBeUndefined();
});
