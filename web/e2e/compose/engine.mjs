// What the Docker Engine and the containers themselves tell of a running
// docker-compose.yml.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const [composeProgram, ...composeFirst] = (process.env.ATRIUM_COMPOSE ?? "docker compose").split(
  " ",
);
const project = process.env.COMPOSE_PROJECT_NAME;
const root = new URL("../../..", import.meta.url);

function run(program, args) {
  return execFileSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 64 << 20 });
}

export function docker(...args) {
  return run("docker", args);
}

export function compose(...args) {
  return run(composeProgram, [...composeFirst, ...args]);
}

/** The compose file as compose understands it. */
export function configuration() {
  return JSON.parse(compose("config", "--format", "json"));
}

/** What `docker inspect` says of the containers, of one service or of all. */
export function containers(service) {
  const of = service ? ["--filter", `label=com.docker.compose.service=${service}`] : [];
  const ids = docker("ps", "-aq", "--filter", `label=com.docker.compose.project=${project}`, ...of);
  return JSON.parse(docker("inspect", ...ids.trim().split("\n")));
}

export function serviceOf(container) {
  return container.Config.Labels["com.docker.compose.service"];
}

/** A container's address in one of the networks of the compose file. */
export function addressIn(container, network) {
  return container.NetworkSettings.Networks[`${project}_${network}`].IPAddress;
}

/** The processes of a container as the machine sees them: uid, arguments, environment. */
export function processes(container) {
  const top = docker("top", container.Id, "-eo", "pid,uid").trim().split("\n").slice(1);
  return top.flatMap((line) => {
    const [pid, uid] = line.trim().split(/\s+/);
    try {
      const read = (name) => readFileSync(`/proc/${pid}/${name}`, "utf8").replaceAll("\0", " ");
      return [{ pid, uid, args: read("cmdline"), env: read("environ"), status: read("status") }];
    } catch {
      return []; // It has ended, as a look at the container's health does.
    }
  });
}

/** When containers started and became healthy, in the order in which they did. */
export function events() {
  return readFileSync(process.env.ATRIUM_COMPOSE_EVENTS, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ status, Actor, timeNano }) => ({
      what: status,
      service: Actor.Attributes["com.docker.compose.service"],
      exitCode: Actor.Attributes.exitCode,
      timeNano,
    }));
}

/** Resolves with what the look returns once that is something. */
export async function eventually(what, look, seconds = 60) {
  const deadline = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** Resolves when the machine's networks have been the same for two seconds: Chromium drops what it loads when one comes or goes. */
export async function networksRest() {
  const look = () => readdirSync("/sys/class/net").join();
  let since = Date.now();
  let before = look();
  await eventually("the networks stay as they are", () => {
    const now = look();
    if (now !== before) since = Date.now();
    before = now;
    return Date.now() - since > 2000;
  });
}
