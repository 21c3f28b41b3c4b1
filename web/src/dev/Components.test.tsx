import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import "@/i18n/settings";
import { Components } from "./Components";

/** They are parts of others, which load them. */
const parts = ["DialogContent", "MenuContent", "Toasts", "TooltipLayer", "Tooltips"];

test("every component of components/ui is shown", () => {
  render(<Components />);
  const files = Object.keys(import.meta.glob("../components/ui/*.tsx"));
  const names = files.map((file) => file.replace(/^.*\/|\.tsx$/g, ""));
  expect(names.length).toBeGreaterThan(15);
  for (const name of names.filter((one) => !parts.includes(one) && !/\.test$/.test(one))) {
    expect(screen.getByRole("region", { name }), name).toBeTruthy();
  }
});
