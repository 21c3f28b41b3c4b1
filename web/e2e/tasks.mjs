// What a page's main thread does at a stretch, told by the browser's own trace.

/** What counts as long: more of the processor's time than this, in ms. */
const long = 50;

/**
 * Takes the given steps in a page; resolves with each long task of its main
 * threads, the longest first: its ms of processor time, which a busy machine does
 * not stretch, and the longest thing in it.
 */
export async function longTasks(page, steps) {
  const browser = page.context().browser();
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  try {
    await steps();
  } catch (error) {
    await browser.stopTracing();
    throw error;
  }
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const threads = new Set(traceEvents.filter(isMainThread).map(threadOf));
  const events = traceEvents.filter((event) => event.tdur && threads.has(threadOf(event)));
  return events
    .filter(({ name, tdur }) => name.endsWith("RunTask") && tdur > long * 1000)
    .map((task) => ({ ms: Math.round(task.tdur / 1000), what: longestIn(task, events) }))
    .sort((a, b) => b.ms - a.ms);
}

const threadOf = ({ pid, tid }) => `${pid}/${tid}`;
const isMainThread = ({ name, args }) => name === "thread_name" && args.name === "CrRendererMain";

/** Names what took most of a task: with the script that did, where the trace knows it. */
function longestIn(task, events) {
  const within = events
    .filter(
      (event) =>
        event !== task &&
        threadOf(event) === threadOf(task) &&
        event.ts >= task.ts &&
        event.ts + event.dur <= task.ts + task.dur &&
        event.tdur > task.tdur / 3 &&
        !/RunTask|Scheduler|Mojo|mojo/.test(event.name),
    )
    .sort((a, b) => b.tdur - a.tdur);
  const told = within.find((event) => event.args?.data?.url) ?? within[0];
  if (!told) return "many small things";
  const { url, functionName } = told.args?.data ?? {};
  const path = url && new URL(url, "http://page").pathname;
  return [told.name, functionName, path].filter(Boolean).join(" ");
}
