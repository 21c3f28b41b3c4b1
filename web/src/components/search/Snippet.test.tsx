import { render } from "@testing-library/react";
import { expect, it } from "vitest";
import { parts, Snippet } from "./Snippet";

it("marks what was looked for", () => {
  const { container } = render(
    <Snippet snippet="the old lighthouse" highlights={[{ start: 8, end: 18 }]} />,
  );
  expect(container.querySelector("mark")).toHaveTextContent("lighthouse");
  expect(container).toHaveTextContent("the old lighthouse");
});

it("keeps the text whole whatever the marks are", () => {
  const marks = [
    { start: 4, end: 7 },
    { start: 0, end: 3 },
    { start: 5, end: 9 },
    { start: 8, end: 99 },
  ];
  const cut = parts("one two three", marks);
  expect(cut.map((part) => part.text).join("")).toBe("one two three");
  expect(cut.filter((part) => part.marked).map((part) => part.text)).toEqual(["one", "two"]);
});
