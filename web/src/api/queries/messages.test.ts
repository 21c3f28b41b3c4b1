import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, it, vi } from "vitest";
import type { Message } from "@/api/types";
import { message } from "@/test/messages";
import { earlierQuery, loadEarlier, messagesKey, messagesQuery } from "./messages";

let queries: QueryClient;
let pages: Record<string, { messages: Message[]; nextPageToken: string }>;

const ids = () => queries.getQueryData<Message[]>(messagesKey("c"))?.map((one) => one.id);
const read = () => queries.fetchQuery({ ...messagesQuery("c"), staleTime: 0 });

beforeEach(() => {
  queries = new QueryClient();
  pages = {
    "": { messages: [message("4"), message("3")], nextPageToken: "older" },
    older: { messages: [message("2"), message("1")], nextPageToken: "" },
  };
  vi.stubGlobal("fetch", async (request: Request) => {
    const query = new URL(request.url).searchParams;
    expect(query.get("newestFirst")).toBe("true");
    return Response.json(pages[query.get("pageToken") ?? ""]);
  });
});

it("reads the end first, and what was before it when asked", async () => {
  await read();
  expect(ids()).toEqual(["3", "4"]);
  expect(await loadEarlier(queries, "c")).toBe(true);
  expect(ids()).toEqual(["1", "2", "3", "4"]);
  expect(queries.getQueryData(earlierQuery("c").queryKey)).toBe("");
  expect(await loadEarlier(queries, "c")).toBe(false);
});

it("keeps earlier messages when the end is read anew", async () => {
  await read();
  await loadEarlier(queries, "c");
  pages[""] = { messages: [message("5"), message("4"), message("3")], nextPageToken: "older" };
  await read();
  expect(ids()).toEqual(["1", "2", "3", "4", "5"]);
  expect(queries.getQueryData(earlierQuery("c").queryKey)).toBe("");
});

it("lets go of what does not meet the end any more, so that nothing is left out", async () => {
  await read();
  pages[""] = { messages: [message("9"), message("8")], nextPageToken: "further" };
  await read();
  expect(ids()).toEqual(["8", "9"]);
  expect(queries.getQueryData(earlierQuery("c").queryKey)).toBe("further");
});

it("does not take back words of a running answer", async () => {
  const running = message("4", "3", { role: "assistant", status: "streaming", content: "one two" });
  queries.setQueryData(messagesKey("c"), [message("3"), running]);
  pages[""] = { messages: [{ ...running, content: "one" }, message("3")], nextPageToken: "" };
  await read();
  expect(queries.getQueryData<Message[]>(messagesKey("c"))?.at(-1)?.content).toBe("one two");
});
