import { expect, it } from "vitest";
import i18n from "@/i18n";
import { refusalText } from "./refusals";

it("says what a reason means", () => {
  expect(refusalText(i18n.t, "SIGN_IN_CANCELED")).toBe("You turned back at the sign-in provider.");
});

it("names a reason that it does not know", () => {
  expect(refusalText(i18n.t, "SOMETHING_NEW")).toMatch(/SOMETHING_NEW/);
});

it("shows no text that somebody wrote into an address", () => {
  const text = refusalText(i18n.t, "Call 555-0100 to get your account back");
  expect(text).not.toMatch(/555/);
  expect(text).toMatch(/did not work/);
});
