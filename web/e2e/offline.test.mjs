// The service worker: the pages open without a network and say so, what was
// typed is there, nothing of anybody's is kept, and it gives way.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { after, before, test } from "node:test";
import { assertSound, baseURL, launch, newPage } from "./browser.mjs";
import * as steps from "./steps.mjs";

let browser;

before(async () => {
  browser = await launch();
});

after(() => browser?.close());

/** What the browser keeps, by address without the marks of versions. */
const kept = (page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return all.flat().map(({ url }) => new URL(url).pathname);
  });

/** Resolves once a worker is in charge of the page. */
const inCharge = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    return navigator.serviceWorker.controller !== null;
  });

test("without a network the pages say so and keep what was typed", async () => {
  const page = await newPage(browser, { serviceWorkers: "allow" });
  await steps.register(page);
  await inCharge(page);
  await page.goto("/chat");
  assert.ok(await inCharge(page), "the second page is the worker's");
  const composer = page.getByRole("textbox", { name: "Message" });
  await composer.fill("A thought on the train");

  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.clearBrowserCache");
  await cdp.detach(); // so that being offline is one session's word
  await page.context().setOffline(true);
  await page.goto("/chat");
  await page.getByText("You are offline.").waitFor();
  await page.getByRole("heading", { name: "Atrium can't be reached" }).waitFor();
  const draft = page.getByLabel("For a new conversation");
  assert.equal(await draft.inputValue(), "A thought on the train");
  await assertSound(page, "the page without a network");
  await draft.fill("A longer thought on the train");

  await page.context().setOffline(false);
  await composer.waitFor();
  assert.equal(await composer.inputValue(), "A longer thought on the train");

  const paths = await kept(page);
  assert.ok(paths.length > 50, `only ${paths.length} files are kept`);
  assert.deepEqual(
    paths.filter((path) => path !== "/" && !path.startsWith("/assets/")),
    [],
    "nothing but the program is kept",
  );
  await page.context().close();
});

test("where there is no worker to be had, the pages are as they are with one", async () => {
  const page = await newPage(browser, { serviceWorkers: "allow" });
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  // As where storage is blocked.
  await page.addInitScript(() => {
    const { serviceWorker } = navigator;
    if (serviceWorker) serviceWorker.register = () => Promise.reject(new Error("not here"));
  });
  await steps.register(page);
  await page.waitForLoadState("networkidle");
  assert.deepEqual(page.faults, []);

  // As where the connection is not secure: browsers then have none at all.
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, "serviceWorker");
  });
  await page.goto("/chat");
  await page.getByRole("textbox", { name: "Message" }).fill("A thought in the cellar");
  await page.reload();
  await page.getByText("A thought in the cellar").waitFor();
  await page.context().setOffline(true);
  await page.getByText("You are offline.").waitFor();
  assert.deepEqual([page.faults, await kept(page)], [[], []]);
  assert.ok(!asked.includes("/sw.js"), "it is not asked for in vain");
  await page.context().close();
});

test("a newer worker takes over, and one that is not wanted leaves nothing", async () => {
  // Beside the platform, so that its worker can be changed.
  let change = (script) => script;
  const beside = createServer((asked, answer) => {
    const { host, port } = new URL(baseURL);
    const headers = { ...asked.headers, host, "accept-encoding": "identity" };
    const there = { host: "127.0.0.1", port, path: asked.url, method: asked.method, headers };
    const onward = request(there, (got) => {
      if (asked.url !== "/sw.js") {
        answer.writeHead(got.statusCode, got.headers);
        return got.pipe(answer);
      }
      const parts = [];
      got.on("data", (part) => parts.push(part));
      got.on("end", () => {
        answer.writeHead(200, { "content-type": got.headers["content-type"] });
        answer.end(change(Buffer.concat(parts).toString()));
      });
    });
    asked.pipe(onward);
  });
  await new Promise((listening) => beside.listen(0, "127.0.0.1", listening));
  const page = await newPage(browser, { serviceWorkers: "allow" });
  const open = () => page.goto(`http://atrium.localhost:${beside.address().port}/`);
  const worker = (ask) => page.evaluate(ask);
  const until = async (what, ...given) => {
    while (!(await page.evaluate(what, ...given))) await page.waitForTimeout(100);
  };
  try {
    await open();
    await worker(() => navigator.serviceWorker.register("/sw.js"));
    await inCharge(page);
    await open();
    const before = (await kept(page)).length;

    change = (script) =>
      script.replace(/"shell":"\w+"/, '"shell":"newer"').replace(/\["\/assets\/[^"]+",/, "[");
    await worker(async () => void (await (await navigator.serviceWorker.ready).update()));
    await until(async () => (await navigator.serviceWorker.ready).waiting !== null);
    assert.equal((await kept(page)).length, before + 1, "what the old one keeps is still there");
    await worker(async () =>
      (await navigator.serviceWorker.ready).waiting.postMessage("take over"),
    );
    await until(async () => (await navigator.serviceWorker.ready).waiting === null);
    await until(async (count) => {
      const [name] = await caches.keys();
      return (await (await caches.open(name)).keys()).length === count;
    }, before - 1);

    change = (script) => script.replace('"worker":true', '"worker":false');
    await open();
    await until(async () => (await navigator.serviceWorker.getRegistrations()).length === 0);
    assert.deepEqual(await kept(page), []);
    await open();
    await page.getByRole("heading", { name: "Think in a chat" }).waitFor();
  } finally {
    await page.context().close();
    beside.close();
  }
});
