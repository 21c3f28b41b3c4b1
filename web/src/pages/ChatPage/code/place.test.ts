import { expect, test } from "vitest";
import { firstChange, lineOf } from "./place";

const file = "import os\n\ndef one():\n    return 1\n\ndef two():\n    return 2\n";

test.each([
  ["def two():\n    return 2", 6],
  ["def two():\n    return 22", 6],
  ["\n  def one():", 3],
  ["nothing of it", 1],
  ["", 1],
])("%j is found in line %s", (code, line) => expect(lineOf(file, code)).toBe(line));

test("what replaces a file is shown where it differs", () => {
  expect(firstChange("a\nb\nc\n", "a\nB\nc\n")).toBe(2);
  expect(firstChange("a\n", "a\nb\n")).toBe(2);
  expect(firstChange("a\n", "a\n")).toBe(1);
});
