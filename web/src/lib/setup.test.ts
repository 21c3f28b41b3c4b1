import { expect, it } from "vitest";
import { remindsOfSetup, setupOf } from "./setup";

it("reads how far one is, whatever the settings hold", () => {
  expect(setupOf({ settings: {} })).toEqual({ done: [], dismissed: false });
  expect(setupOf({ settings: { setup: { done: "all", dismissed: 1 } } })).toEqual({
    done: [],
    dismissed: false,
  });
  const kept = { done: ["isolation", "other", "provider"], dismissed: true };
  expect(setupOf({ settings: { setup: kept } })).toEqual({
    done: ["provider", "isolation"],
    dismissed: true,
  });
});

it("reminds owners until all is done or put away", () => {
  const owner = (setup: unknown) => ({ roles: ["user", "admin", "owner"], settings: { setup } });
  expect(remindsOfSetup(owner(undefined))).toBe(true);
  expect(remindsOfSetup({ ...owner(undefined), roles: ["user", "admin"] })).toBe(false);
  expect(remindsOfSetup(owner({ done: [], dismissed: true }))).toBe(false);
  expect(remindsOfSetup(owner({ done: ["provider", "plans"] }))).toBe(true);
  expect(remindsOfSetup(owner({ done: ["provider", "plans", "isolation"] }))).toBe(false);
});
