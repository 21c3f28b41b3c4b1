// The browser of the tests, and what every test does with it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { longTasks } from "./tasks.mjs";

/** Where the platform under test is, for instance http://atrium.localhost:8080. */
export const baseURL = process.env.BASE_URL ?? "http://atrium.localhost:8080";

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// Certificates of an authority that browsers don't know, by the hashes of their keys.
const certificates = process.env.ATRIUM_JOURNEY_CERTIFICATES;
if (certificates) flags.push(`--ignore-certificate-errors-spki-list=${certificates}`);

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: flags,
  });
}

/**
 * A page of a browser of its own. Its faults collect everything that went
 * wrong unseen: uncaught errors and violations of the content security policy.
 */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({
    baseURL,
    viewport: { width: 1280, height: 800 },
    // What a test puts in the network's place is not to be passed by.
    serviceWorkers: "block",
    ...options,
  });
  await context.addInitScript({ content: axeSource });
  await context.addInitScript(reportViolations, baseURL);
  await context.addInitScript(watchShifts);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    const own = message.location().url.startsWith(baseURL);
    if (own && /Content Security Policy/.test(message.text())) faults.push(message.text());
    if (message.text().startsWith("policy violation:")) faults.push(message.text());
  });
  page.faults = faults;
  return page;
}

/** Runs in each frame. Workspaces answer for themselves, so they are left out. */
function reportViolations(platform) {
  if (location.origin !== platform) return;
  document.addEventListener("securitypolicyviolation", (e) => {
    console.error(`policy violation: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}`);
  });
}

/** Runs in each frame: adds up by how much what was shown has moved by itself. */
function watchShifts() {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      window.shifts.push([value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 120))]);
    }
  }).observe({ type: "layout-shift", buffered: true });
}

/**
 * What a page may cost until it is there: how far it moves by itself, as browsers
 * count it, seconds of processor time that its script takes, and ms of it that the
 * longest task takes, during which nothing answers. A busy machine stretches none
 * of them; a page takes a tenth of the script, and a third of the task.
 */
const costs = { shift: 0.1, script: 0.6, task: 400 };

/**
 * Opens a page by the given steps; fails when that moves or works too much. When
 * traced, which takes its time, each long task is named.
 */
export async function opens(page, name, steps, { traced = false } = {}) {
  page.meter ??= await meterOf(page);
  if (traced) {
    const tasks = await longTasks(page, steps);
    const named = tasks.map(({ ms, what }) => `${name}: a task of ${ms} ms (${what})`);
    for (const line of named) console.log(line);
    assert.ok(
      tasks.every(({ ms }) => ms < costs.task),
      named.join("\n"),
    );
  } else await steps();
  const { ScriptDuration: script } = await page.meter(); // since the document began
  const shifts = await page.evaluate(() => window.shifts);
  const shift = shifts.reduce((sum, [value]) => sum + value, 0);
  assert.ok(shift < costs.shift, `${name} moves by ${shift}: ${JSON.stringify(shifts)}`);
  assert.ok(script < costs.script, `${name} takes ${script} s of script`);
}

/** Asks Chromium for what a page has cost in the time of its thread. */
async function meterOf(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
}

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Fails with what axe finds wrong with the page as it is now. Frames test themselves. */
export async function assertAccessible(page, name) {
  const found = await page.evaluate(async (tags) => {
    // What fades in has other colours for a moment.
    const moving = document.getAnimations().filter((one) => one.effect.getTiming().iterations < 9);
    await Promise.allSettled(moving.map((one) => one.finished));
    const { violations } = await window.axe.run(document, { runOnly: tags, iframes: false });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
  }, rules);
  assert.deepEqual(found, [], `axe on ${name}`);
}

/** The themes and widths that every page is looked at in. */
export const looks = [
  { colorScheme: "light", viewport: { width: 1400, height: 800 } },
  { colorScheme: "dark", viewport: { width: 375, height: 740 } },
  { colorScheme: "dark", viewport: { width: 1400, height: 800 } },
  { colorScheme: "light", viewport: { width: 375, height: 740 } },
];

/** Fails when something is wrong with a page that a person would not see at once. */
export async function assertSound(page, name) {
  await assertAccessible(page, name);
  for (const direction of ["ltr", "rtl"]) {
    const sideways = await page.evaluate((dir) => {
      const { documentElement: root } = document;
      const before = root.dir;
      root.dir = dir;
      const over = root.scrollWidth - root.clientWidth;
      root.dir = before;
      return over;
    }, direction);
    assert.equal(sideways, 0, `${name} scrolls sideways (${direction})`);
  }
  assert.deepEqual(page.faults, [], `${name} has faults`);
}

/** Calls the API as the page's user, from the page, as its own scripts would. */
export function callAPI(page, method, path, body) {
  return page.evaluate(
    async ([verb, url, data]) => {
      const response = await fetch(url, {
        method: verb,
        headers: data ? { "Content-Type": "application/json" } : {},
        body: data ? JSON.stringify(data) : undefined,
      });
      return { status: response.status, body: await response.json().catch(() => null) };
    },
    [method, path, body],
  );
}
