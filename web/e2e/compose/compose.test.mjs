// docker compose up, looked at from outside as an operator or an attacker would.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectPlain } from "node:net";
import { after, before, test } from "node:test";
import { connect as connectTLS } from "node:tls";
import { launch, newPage } from "../browser.mjs";
import * as steps from "../steps.mjs";
import { get } from "./door.mjs";
import {
  addressIn,
  compose,
  configuration,
  containers,
  docker,
  events,
  eventually,
  networksRest,
  processes,
  serviceOf,
} from "./engine.mjs";

/** The one owner of the engine's socket, and what copies VS Code for its workspaces. */
const asRoot = ["ided", "editor"];
const programs = ["authd", "chatd", "aid", "ided", "gatewayd"];

let browser;
let page;

before(async () => {
  browser = await launch();
  page = await newPage(browser);
});

after(() => browser?.close());

/** Metrics of a program, as Prometheus would get them. */
async function metrics(container, port) {
  const answer = await fetch(`http://${addressIn(container, "inside")}:${port}/metrics`);
  return answer.text();
}

/** The sum of a metric's values over its labels. */
function sum(text, name) {
  const values = text.matchAll(new RegExp(`^${name}(?:\\{[^\\n]*\\})? (\\S+)`, "gm"));
  return [...values].reduce((total, [, value]) => total + Number(value), 0);
}

test("everybody started when those were healthy on whom they depend", () => {
  const seen = events();
  for (const [name, { depends_on: needs }] of Object.entries(configuration().services)) {
    const start = seen.find((event) => event.service === name && event.what === "start");
    if (!start) continue; // an operator's commands
    for (const [need, { condition }] of Object.entries(needs ?? {})) {
      const ready = seen.find(
        ({ service, what, exitCode }) =>
          service === need &&
          (condition === "service_healthy"
            ? what === "health_status: healthy"
            : what === "die" && exitCode === "0"),
      );
      assert.ok(ready, `${need} came so far that ${name} could start (${condition})`);
      assert.ok(ready.timeNano < start.timeNano, `${name} waited for ${need}`);
    }
  }
});

test("containers have no more rights than they need", () => {
  for (const container of containers()) {
    const name = serviceOf(container);
    const { HostConfig: host, Mounts: mounts } = container;
    assert.ok(host.ReadonlyRootfs, `${name} can't write to its image`);
    assert.ok(!host.Privileged, `${name} is not privileged`);
    assert.deepEqual(host.CapDrop, ["ALL"], `${name} drops the capabilities`);
    assert.ok(
      host.SecurityOpt.some((option) => option.startsWith("no-new-privileges")),
      `${name} gets no new privileges`,
    );
    const socket = mounts.some(({ Source }) => Source.includes("docker.sock"));
    assert.equal(socket, name === "ided", `whether ${name} has the engine's socket`);
    if (asRoot.includes(name)) continue;
    assert.equal(host.CapAdd, null, `${name} adds no capabilities`);
    assert.equal(host.PidMode, "", `${name} sees its own processes only`);
    for (const { uid, status } of container.State.Running ? processes(container) : []) {
      assert.notEqual(uid, "0", `a process of ${name} is root's`);
      assert.match(status, /^NoNewPrivs:\t1$/m, name);
      assert.match(status, /^CapEff:\t0+$/m, name);
    }
  }
});

test("networks let only those speak who have something to say", () => {
  const networks = (name) => Object.keys(configuration().services[name].networks).sort();
  assert.deepEqual(networks("postgres"), ["data"]);
  assert.deepEqual(networks("redis"), ["data"]);
  assert.deepEqual(networks("door"), ["front", "inside"]);
  const published = containers().filter(({ HostConfig }) =>
    Object.values(HostConfig.PortBindings ?? {}).some((ports) => ports.length),
  );
  assert.deepEqual([...new Set(published.map(serviceOf))], ["door"]);
  for (const network of ["data", "inside"]) {
    const name = configuration().networks[network].name;
    assert.equal(JSON.parse(docker("network", "inspect", name))[0].Internal, true, network);
  }
});

test("secrets are in files and nowhere else", () => {
  const folder = process.env.ATRIUM_SECRETS;
  const secrets = readdirSync(folder)
    .map((name) => [name, readFileSync(`${folder}/${name}`, "utf8").trim()])
    .filter(([, value]) => value);
  assert.ok(secrets.length >= 6, "there are secrets to look for");
  const logs = compose("logs", "--no-color");
  for (const container of containers()) {
    const name = serviceOf(container);
    const running = container.State.Running ? processes(container) : [];
    const told = [JSON.stringify(container), ...running.flatMap(({ args, env }) => [args, env])];
    for (const [secret, value] of secrets) {
      // A whole address is a secret for its password.
      const needle = /:([^:@/]+)@/.exec(value)?.[1] ?? value;
      assert.ok(!told.some((text) => text.includes(needle)), `${secret} can be seen at ${name}`);
      assert.ok(!logs.includes(needle), `${secret} is in a log`);
    }
  }
});

test("services speak with nobody who can't prove to be one", async () => {
  for (const [name, port] of [
    ["authd", 7101],
    ["chatd", 7102],
    ["ided", 7103],
    ["ided", 7113],
    ["aid", 7104],
  ]) {
    const host = addressIn(containers(name)[0], "inside");
    const refusal = await new Promise((resolve, reject) => {
      const socket = connectTLS(
        { host, port, rejectUnauthorized: false, ALPNProtocols: ["h2"], minVersion: "TLSv1.3" },
        () => socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      );
      socket.on("data", () => reject(new Error(`${name}:${port} answers a stranger`)));
      socket.on("error", resolve).on("close", () => reject(new Error(`${name} only hangs up`)));
    });
    assert.match(refusal.message, /certificate required/i, `${name}:${port}`);

    const plain = await new Promise((resolve) => {
      let answer = "";
      const socket = connectPlain({ host, port }, () =>
        socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
      );
      socket.on("data", (data) => (answer += data.toString("latin1")));
      socket.on("error", () => resolve(answer)).on("close", () => resolve(answer));
    });
    assert.ok(!plain.includes("\0\0\0\x04"), `${name}:${port} has no settings for plain HTTP/2`);
  }
  for (const service of programs) {
    const key = containers(service)[0].Mounts.find(
      ({ Destination }) => Destination === "/keys/service",
    );
    const others = containers().filter(
      (one) => one.Mounts.some(({ Source }) => Source === key.Source) && serviceOf(one) !== service,
    );
    assert.deepEqual(others.map(serviceOf), ["certs"], `who else has ${service}'s key`);
  }
});

test("the door speaks TLS for the platform and for every workspace", async () => {
  const { status, headers } = await get("/login");
  assert.equal(status, 200);
  assert.match(headers["strict-transport-security"], /max-age=\d+/);
  const workspace = "019aa0f0-0000-7000-8000-000000000000.ide.atrium.localhost";
  const { status: refused } = await get("/", { host: workspace });
  assert.ok(refused >= 300 && refused < 500, `${refused}: nobody is let in who is not signed in`);
  await assert.rejects(get("/", { host: "elsewhere.localhost" }), /altnames/);
  const plain = await get("/login", { plain: true });
  assert.equal(plain.status, 308);
  assert.match(plain.headers.location, /^https:\/\/atrium\.localhost\/login$/);
});

test("an answer goes on over a gateway that is killed", { timeout: 120_000 }, async () => {
  const streams = [];
  page.on("request", (request) => {
    if (/\/(events|stream)(\?|$)/.test(new URL(request.url()).pathname))
      streams.push(request.url());
  });
  await networksRest();
  await steps.register(page);
  await steps.ask(page, "Tell me a long story");
  await steps.textLongerThan(steps.lastAnswer(page), 60);
  const began = streams.length;
  // One of the two has the stream; the other one has it after the first is gone.
  for (const { Id: id, State: state } of containers("gatewayd")) {
    const before = await steps.textOf(steps.lastAnswer(page));
    // As a crash is: what docker kill ends, the engine leaves ended.
    process.kill(state.Pid, "SIGKILL");
    const text = await steps.textLongerThan(steps.lastAnswer(page), before.length + 40);
    assert.ok(text.startsWith(before), "the text goes on from what had been shown");
    await eventually("the engine starts it again, and it is healthy", () => {
      const [now] = JSON.parse(docker("inspect", id));
      return now.State.Pid !== state.Pid && now.State.Health?.Status === "healthy";
    });
  }
  await page.getByRole("button", { name: "Stop" }).waitFor();
  assert.ok(streams.length > began, "a stream was cut and opened again");
  await steps.answered(page);
  assert.equal(await steps.answers(page).count(), 1, "one question has one answer");
  assert.deepEqual(page.faults, []);
});

test("gateways and chats are added, and all of them serve", { timeout: 120_000 }, async () => {
  compose(
    "--progress",
    "quiet",
    "up",
    "--no-build",
    "--no-recreate",
    "--wait",
    "--scale",
    "gatewayd=3",
    "--scale",
    "chatd=2",
  );
  const count = async (one) => sum(await metrics(one, 9090), "http_requests_total");
  const gateways = containers("gatewayd");
  assert.equal(gateways.length, 3);
  const before = await Promise.all(gateways.map(count));
  await eventually(
    "every gateway gets requests from the door",
    async () => {
      for (let n = 0; n < 6; n++) {
        assert.equal((await get("/api/auth/providers")).status, 200);
      }
      const now = await Promise.all(gateways.map(count));
      return now.every((value, n) => value > before[n]);
    },
    30,
  );
  const chats = containers("chatd");
  assert.equal(chats.length, 2);
  await eventually("both chats answer calls", async () => {
    await steps.ask(page, "Hello");
    const calls = await Promise.all(chats.map((one) => metrics(one, 9092)));
    return calls.every((text) => sum(text, "rpc_server_call_duration_seconds_count") > 0);
  });
});

test("Prometheus sees every program, each replica of it", { timeout: 90_000 }, async () => {
  const prometheus = `http://${addressIn(containers("prometheus")[0], "inside")}:9090`;
  await eventually("every target is up", async () => {
    const answer = await fetch(`${prometheus}/api/v1/targets?state=active`);
    const { data } = await answer.json();
    const up = {};
    for (const { labels, health } of data.activeTargets) {
      if (health === "up") up[labels.job] = (up[labels.job] ?? 0) + 1;
    }
    return (
      data.activeTargets.every(({ health }) => health === "up") &&
      up["atrium-gateway"] === 3 &&
      up["atrium-chat"] === 2 &&
      up["atrium-auth"] &&
      up["atrium-ide"] &&
      up["atrium-ai"]
    );
  });
  const answer = await fetch(`${prometheus}/api/v1/rules`);
  const { data } = await answer.json();
  assert.ok(data.groups.flatMap(({ rules }) => rules).length > 5, "it has the alerts");
});

test("the collector has one trace from the gateway to the model", { timeout: 60_000 }, async () => {
  const volume = containers("otelcol")[0].Mounts.find(
    ({ Destination }) => Destination === "/var/lib/otelcol",
  );
  await eventually(
    "such a trace is written",
    () => {
      const seen = new Map();
      for (const line of readFileSync(`${volume.Source}/traces.json`, "utf8").split("\n")) {
        if (!line) continue;
        for (const { resource, scopeSpans } of JSON.parse(line).resourceSpans) {
          const name = resource.attributes.find(({ key }) => key === "service.name").value
            .stringValue;
          for (const { spans } of scopeSpans) {
            for (const { traceId } of spans) {
              seen.set(traceId, (seen.get(traceId) ?? new Set()).add(name));
            }
          }
        }
      }
      return [...seen.values()].some((names) =>
        ["gateway", "chat", "ai"].every((part) => [...names].some((name) => name.includes(part))),
      );
    },
    20,
  );
});

test("a new certificate is taken up without a stop", async () => {
  const { fingerprint: before } = await get("/login");
  // Into the same file, which is the one that the container has.
  const next = readFileSync(process.env.ATRIUM_COMPOSE_NEXT);
  writeFileSync(`${process.env.ATRIUM_SECRETS}/tls.pem`, next);
  compose("kill", "--signal", "USR2", "door");
  await eventually(
    "the new one is shown",
    async () => {
      const { status, fingerprint } = await get("/login");
      assert.equal(status, 200);
      return fingerprint === new X509Certificate(next).fingerprint256 && fingerprint !== before;
    },
    15,
  );
});
