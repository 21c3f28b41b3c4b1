import { expect, it } from "vitest";
import { safeNext } from "./redirect";

const origin = "https://atrium.example";

it.each([
  ["/chat/1?a=b#c", "/chat/1?a=b#c"],
  [undefined, "/"],
  ["", "/"],
  ["chat", "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["//evil.example//evil.example", "/"],
  ["/.//evil.example", "/"],
  ["/chat/..//evil.example", "/"],
  ["/%5Cevil.example", "/%5Cevil.example"],
  ["https://evil.example/chat", "/"],
  ["https:evil.example", "/"],
  ["javascript:alert(1)", "/"],
])("of %j goes to %j", (next, expected) => {
  expect(safeNext(next, origin)).toBe(expected);
});
