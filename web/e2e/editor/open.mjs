// A workspace with its VS Code, as the tests of the editor begin.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { launch, newPage } from "../browser.mjs";
import { openEditor } from "../editor.mjs";
import * as steps from "../steps.mjs";
import { readFile, writeFile } from "./code.mjs";
import { eventually } from "./fake.mjs";

/** Registers somebody and opens a workspace of theirs, with the extension ready. */
export async function openWorkspace(name, options) {
  const browser = await launch();
  // VS Code shows webviews by a service worker of its own.
  const page = await newPage(browser, { serviceWorkers: "allow", ...options });
  page.setDefaultTimeout(60_000);
  await steps.register(page);
  const id = await steps.createWorkspace(page, name);
  const editor = await openEditor(page, name);
  await editor.getByRole("button", { name: /^Atrium/ }).waitFor();
  return {
    browser,
    page,
    editor,
    id,
    put: (path, text) => writeFile(page, id, path, text),
    /** Waits until a file is saved so that a check accepts its text. */
    saved: (path, check) =>
      eventually(`${path} is saved so`, async () => check((await readFile(page, id, path)) ?? "")),
  };
}

/** What a metric of the platform says now, over all of its labels. */
export async function metric(name) {
  const text = await (await fetch(`http://${process.env.ATRIUM_METRICS_LISTEN}/metrics`)).text();
  const lines = text.split("\n").filter((line) => line.match(/^\w*/)[0] === name);
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

let shots = 0;

/** Takes a picture after a test, where ATRIUM_SHOTS names a folder for them. */
export async function picture(page, { name }) {
  const folder = process.env.ATRIUM_SHOTS;
  if (!folder) return;
  const file = `${String(shots++).padStart(2, "0")}-${name.replaceAll(/\W+/g, "-").slice(0, 40)}`;
  await page.screenshot({ path: `${folder}/${file}.png` });
}

const answers = () =>
  fetch(`http://${process.env.ATRIUM_LISTEN}/readyz`).then(
    (response) => response.ok,
    () => false,
  );

function ended(pid) {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Ends the platform, and resolves with what starts it again; workspaces go on. */
export async function platformAway() {
  const folder = process.env.ATRIUM_JOURNEY_DIR;
  writeFileSync(`${folder}/away`, "");
  const pid = Number(readFileSync(`${folder}/pid`, "utf8"));
  process.kill(pid, "SIGTERM");
  // It answers no more before it has ended: what is open is sent away first.
  await eventually("the platform is away", async () => ended(pid), 60_000);
  return async () => {
    rmSync(`${folder}/away`);
    await eventually("the platform is back", answers, 60_000);
  };
}
