import type { WorkspaceEvent } from "@/api/types";

/** What starting a workspace goes through, in order. */
export const startSteps = ["volume", "sandbox", "editor", "clone", "ready"] as const;
export type StepName = (typeof startSteps)[number];
export type StepState = "waiting" | "running" | "done" | "failed";

export type Step = {
  name: StepName;
  state: StepState;
  message: string;
  startedAt?: string;
  /** Milliseconds; only of a step that has ended. */
  took?: number;
};

const endings = new Set(["stopped", "error", "deleted"]);

/** The events of the latest start: all after the workspace last came to rest. */
export function latestRun(events: WorkspaceEvent[]): WorkspaceEvent[] {
  const end = events.findLastIndex(
    (event, position) => endings.has(event.step) && position < events.length - 1,
  );
  return events.slice(end + 1);
}

/** The steps of a start as far as it has come. */
export function stepsOf(events: WorkspaceEvent[]): Step[] {
  const run = latestRun(events);
  const failed = run.at(-1)?.step === "error";
  const seen = new Set(run.map((event) => event.step));
  // Only some workspaces begin with a clone.
  const steps = startSteps.filter((name) => name !== "clone" || seen.has(name));
  const reached = steps.findLastIndex((name) => seen.has(name));
  return steps.map((name, position) => {
    const at = run.findIndex((one) => one.step === name);
    // A step may tell several times how far it has come.
    const event = run.findLast((one) => one.step === name);
    const next = event && run.slice(at).find((one) => one.step !== name);
    const began = run[at];
    const state: StepState =
      position > reached
        ? "waiting"
        : position < reached || name === "ready"
          ? "done"
          : failed
            ? "failed"
            : "running";
    return {
      name,
      state,
      message: event?.message ?? "",
      startedAt: began?.time,
      took: began && next ? Date.parse(next.time) - Date.parse(began.time) : undefined,
    };
  });
}
