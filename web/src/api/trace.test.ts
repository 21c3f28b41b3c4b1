import { afterEach, expect, it, vi } from "vitest";
import { api } from "./client";
import { readEvents } from "./sse";

afterEach(() => vi.unstubAllGlobals());

it("every request says which page it is of, and is a step of its own", async () => {
  const seen: string[] = [];
  vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
    const headers = input instanceof Request ? input.headers : new Headers(init?.headers);
    seen.push(headers.get("traceparent") ?? "");
    return new Response("{}", { headers: { "Content-Type": "application/json" } });
  });
  await api.GET("/api/auth/session");
  await api.GET("/api/auth/session");
  for await (const _ of readEvents("/api/chat/messages/1/stream")) break;
  expect(seen).toHaveLength(3);
  for (const header of seen) expect(header).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(new Set(seen.map((header) => header.split("-")[1])).size).toBe(1);
  expect(new Set(seen.map((header) => header.split("-")[2])).size).toBe(3);
});
