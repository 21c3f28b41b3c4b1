import { beforeEach, expect, it, vi } from "vitest";

/** Each test has a page of its own, which knows no token yet. */
async function page(address: string) {
  window.history.replaceState({ kept: true }, "", address);
  return import("./resetToken");
}

beforeEach(() => vi.resetModules());

it("takes the token out of the address and keeps it for the form", async () => {
  const { takeResetToken, resetToken } = await page("/reset#token=abc-123_X");
  expect(takeResetToken()).toBe(true);
  expect(resetToken()).toBe("abc-123_X");
  expect(window.location.href).not.toContain("abc");
  expect(window.location.pathname).toBe("/reset");
  expect(window.history.state).toEqual({ kept: true });
});

it("keeps what it has until another link is opened", async () => {
  const { takeResetToken, resetToken, onResetToken } = await page("/reset#token=first");
  takeResetToken();
  expect(takeResetToken()).toBe(false);
  expect(resetToken()).toBe("first");
  const told = vi.fn();
  onResetToken(told);
  window.history.replaceState(null, "", "/reset#token=second");
  takeResetToken();
  expect(resetToken()).toBe("second");
  expect(told).toHaveBeenCalledOnce();
});

it("knows nothing without one", async () => {
  const { takeResetToken, resetToken } = await page("/reset?token=in-the-query");
  expect(takeResetToken()).toBe(false);
  expect(resetToken()).toBeUndefined();
});
