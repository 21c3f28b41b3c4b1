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

it("shows the clone of workspaces that begin with one, with how far it has come", () => {
  const run = events("volume", "sandbox", "editor", "clone", "clone", "ready");
  expect(stepsOf(run).map((step) => step.name)).toEqual([
    "volume",
    "sandbox",
    "editor",
    "clone",
    "ready",
  ]);
  (run[4] as WorkspaceEvent).message = "receiving 40 %";
  expect(stepsOf(run)[3]).toMatchObject({
    message: "receiving 40 %",
    startedAt: run[3]?.time,
    took: 2000,
  });
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
