import { expect, it } from "vitest";
import { fileName } from "./exportConversation";

it("makes a file name of any title", () => {
  expect(fileName("Regular expressions: a/b?")).toBe("Regular expressions a b");
  expect(fileName("..\\..\\etc/passwd\u0000")).toBe("etc passwd");
  expect(fileName("???")).toBe("conversation");
  expect(fileName("x".repeat(300))).toHaveLength(80);
});
