import { expect, it } from "vitest";
import type { WorkspaceEvent, WorkspaceStatus } from "@/api/types";
import { latestRun, stepsOf } from "./steps";

function events(...steps: string[]): WorkspaceEvent[] {
  return steps.map((step, second) => ({
    seq: String(second + 1),
    time: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
    step,
    message: step,
    status: "starting" as WorkspaceStatus,
  }));
}

const states = (...steps: string[]) => stepsOf(events(...steps)).map((step) => step.state);

it("shows how far a start has come", () => {
  expect(states()).toEqual(["waiting", "waiting", "waiting", "waiting"]);
  expect(states("volume", "sandbox")).toEqual(["done", "running", "waiting", "waiting"]);
  expect(states("volume", "sandbox", "editor", "ready")).toEqual(["done", "done", "done", "done"]);
});

it("marks the step that failed", () => {
  expect(states("volume", "sandbox", "error")).toEqual(["done", "failed", "waiting", "waiting"]);
});

it("tells how long each step took", () => {
  const [volume, sandbox] = stepsOf(events("volume", "sandbox"));
  expect(volume?.took).toBe(1000);
  expect(sandbox?.took).toBeUndefined();
});

it("looks at the latest start only", () => {
  const all = events("volume", "ready", "stopping", "stopped", "volume");
  expect(latestRun(all).map((event) => event.step)).toEqual(["volume"]);
  expect(latestRun(events("volume", "error")).map((event) => event.step)).toEqual([
    "volume",
    "error",
  ]);
});
