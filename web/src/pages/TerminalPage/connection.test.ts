import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ConnectionState, TerminalConnection } from "./connection";

class FakeSocket {
  static readonly OPEN = 1;
  static made: FakeSocket[] = [];
  readyState = 1;
  sent: unknown[] = [];
  onmessage: (event: { data: unknown }) => void = () => undefined;
  onclose: (event: { code: number; reason: string }) => void = () => undefined;
  constructor(readonly url: URL) {
    FakeSocket.made.push(this);
  }
  send(data: unknown) {
    this.sent.push(data);
  }
  close() {
    this.end("");
  }
  end(reason: string, code = 1006) {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
}

let states: ConnectionState[];
let printed: string;

function connect() {
  return new TerminalConnection({
    workspaceId: "w1",
    session: "main",
    size: () => ({ cols: 90, rows: 20 }),
    onState: (state) => states.push(state),
    onBytes: (bytes) => {
      printed += new TextDecoder().decode(bytes);
    },
  });
}
const latest = () => FakeSocket.made.at(-1) as FakeSocket;
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.made = [];
  states = [];
  printed = "";
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a broken connection is made anew to the same shell", async () => {
  const connection = connect();
  expect(latest().url.pathname).toBe("/ide/ws/workspaces/w1/terminal");
  expect(latest().url.search).toBe("?session=main&cols=90&rows=20&refusal=close");
  latest().onmessage({ data: '{"session":"main","resumed":false}' });
  latest().onmessage({ data: new TextEncoder().encode("$ ").buffer });
  expect(printed).toBe("$ ");
  latest().end("");
  await settled();
  expect(states.at(-1)).toEqual({ kind: "lost" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(FakeSocket.made).toHaveLength(2);
  latest().onmessage({ data: '{"session":"main","resumed":true}' });
  expect(states.at(-1)).toEqual({ kind: "open", resumed: true });
  connection.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.made).toHaveLength(2);
});

test.each([
  ["TERMINAL_TAKEN_OVER", { kind: "closed", reason: "TERMINAL_TAKEN_OVER" }],
  ["SESSION_ENDED", { kind: "closed", reason: "SESSION_ENDED" }],
  ["TERMINALS_EXHAUSTED", { kind: "closed", reason: "TERMINALS_EXHAUSTED" }],
])("%s is not tried again", async (reason, state) => {
  connect();
  latest().end(reason);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states).toEqual([state]);
  expect(FakeSocket.made).toHaveLength(1);
});

test("the end of the shell is told with its code", async () => {
  connect();
  latest().onmessage({ data: '{"exit":{"code":3}}' });
  latest().end("");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(states).toEqual([{ kind: "exited", code: 3 }]);
});

test("what is pasted goes in pieces that the gateway takes", () => {
  const connection = connect();
  connection.type("x".repeat(100_000));
  const sizes = latest().sent.map((part) => (part as Uint8Array).length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(100_000);
  connection.resize({ cols: 10, rows: 5 });
  expect(latest().sent.at(-1)).toBe('{"resize":{"cols":10,"rows":5}}');
});

test("what can't be had is told as that, and not as lost", async () => {
  const connection = connect();
  latest().end("");
  await settled();
  expect(states).toEqual([{ kind: "unreachable" }]);
  connection.close();
});

test("a refusal that passes is told with its reason, and tried again", async () => {
  const connection = connect();
  latest().end("TOO_MANY_STREAMS", 1008);
  await settled();
  expect(states).toEqual([{ kind: "unreachable", reason: "TOO_MANY_STREAMS" }]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(FakeSocket.made).toHaveLength(2);
  latest().onmessage({ data: '{"session":"main","resumed":false}' });
  expect(states.at(-1)).toEqual({ kind: "open", resumed: false });
  connection.close();
});

test("what stays lost is told as out of reach", async () => {
  const connection = connect();
  latest().onmessage({ data: '{"session":"main","resumed":false}' });
  for (let tries = 0; tries < 4; tries++) {
    latest().end("");
    await vi.advanceTimersByTimeAsync(10_000);
  }
  expect(states.map((state) => state.kind)).toEqual([
    "open",
    "lost",
    "lost",
    "lost",
    "unreachable",
  ]);
  connection.close();
});

test("nobody is told of a server that restarts, and nothing typed meanwhile is lost", async () => {
  const connection = connect();
  latest().onmessage({ data: '{"session":"main","resumed":false}' });
  latest().end("SERVICE_RESTARTING", 1012);
  await settled();
  connection.type("ls");
  connection.type("\r");
  await vi.advanceTimersByTimeAsync(600);
  expect(FakeSocket.made).toHaveLength(2);
  latest().onmessage({ data: '{"session":"main","resumed":true}' });
  expect(new TextDecoder().decode(latest().sent[0] as Uint8Array)).toBe("ls\r");
  expect(states.map((s) => s.kind)).not.toContain("lost");
  connection.close();
});
