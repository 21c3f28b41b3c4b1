import { beforeEach, expect, it } from "vitest";
import { forgetResetToken, resetToken, takeResetToken } from "./resetToken";

beforeEach(() => {
  forgetResetToken();
  window.history.replaceState({ kept: true }, "", "/reset");
});

it("takes the token out of the address and keeps it for the form", () => {
  window.history.replaceState({ kept: true }, "", "/reset#token=abc-123_X");
  expect(takeResetToken()).toBe(true);
  expect(resetToken()).toBe("abc-123_X");
  expect(window.location.href).not.toContain("abc");
  expect(window.location.pathname).toBe("/reset");
  expect(window.history.state).toEqual({ kept: true });
});

it("keeps what it has when the address says nothing more", () => {
  window.history.replaceState(null, "", "/reset#token=first");
  takeResetToken();
  expect(takeResetToken()).toBe(false);
  expect(resetToken()).toBe("first");
  forgetResetToken();
  expect(resetToken()).toBeUndefined();
});

it("knows nothing without one", () => {
  window.history.replaceState(null, "", "/reset?token=in-the-query");
  expect(takeResetToken()).toBe(false);
  expect(resetToken()).toBeUndefined();
});
