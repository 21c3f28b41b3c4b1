import { expect, it } from "vitest";
import { choicesOf, textsOf, wrong } from "./choices";

it("gives back the choices that it shows, and leaves out what is none", () => {
  const choices = { fontSize: 15, minimap: false, wordWrap: true, theme: "dark", tabSize: null };
  const texts = textsOf({ ...choices, theme: "dark" });
  expect(texts).toMatchObject({ fontSize: "15", minimap: "no", wordWrap: "yes", tabSize: "" });
  expect(choicesOf(texts)).toEqual({ fontSize: 15, minimap: false, wordWrap: true, theme: "dark" });
});

it("names the numbers that can't be", () => {
  const texts = (fontSize: string, tabSize: string) => ({ ...textsOf({}), fontSize, tabSize });
  expect(wrong(texts("8", " 16 "))).toEqual([]);
  expect(wrong(texts("7", "17"))).toEqual(["fontSize", "tabSize"]);
  expect(wrong(texts("1e1", ""))).toEqual(["fontSize"]);
});
