import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, it, vi } from "vitest";
import { conversationKey, conversationsQuery } from "@/api/queries/conversations";
import { messagesKey } from "@/api/queries/messages";
import type { Conversation, Message } from "@/api/types";
import { message } from "@/test/messages";
import { fakeStream } from "@/test/stream";
import { Live } from "./live";
import { TurnManager } from "./TurnManager";

const question = message("q");
const empty = message("a", "q", { role: "assistant", content: "", status: "streaming" });
const whole: Message = { ...empty, content: "one two", status: "complete" };

let queries: QueryClient;
let turns: TurnManager;
let live: Live;
let fetched: ReturnType<typeof vi.fn<typeof fetch>>;

const shown = () => queries.getQueryData<Message[]>(messagesKey("c")) ?? [];
const answer = () => shown().find((one) => one.id === "a");
const hear = (seq: number, type: string, data: unknown) =>
  live.hear({ type, seq, data, conversationId: "c", messageId: "a" });
const started = () => hear(1, "start", { userMessage: question, assistantMessage: empty });

beforeEach(() => {
  queries = new QueryClient();
  queries.setQueryData(conversationKey("c"), { id: "c", headMessageId: "" });
  queries.setQueryData(messagesKey("c"), []);
  turns = new TurnManager(queries);
  live = new Live(queries, turns);
  fetched = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", fetched);
});

it("shows an answer that was asked for in another tab, as it grows", async () => {
  started();
  await vi.waitFor(() => expect(shown().map((one) => one.id)).toEqual(["q", "a"]));
  expect(turns.phase("c")).toBe("streaming");
  hear(2, "delta", { text: "one " });
  hear(3, "delta", { text: "two" });
  await vi.waitFor(() => expect(answer()?.content).toBe("one two"));
  hear(4, "done", { message: whole });
  await vi.waitFor(() => expect(turns.phase("c")).toBeUndefined());
  expect(answer()).toEqual(whole);
  expect(fetched).not.toHaveBeenCalled();
});

it("asks for what it has missed", async () => {
  const rest = fakeStream();
  fetched.mockResolvedValueOnce(rest.response);
  started();
  hear(2, "delta", { text: "one " });
  hear(4, "usage", {});
  await vi.waitFor(() => expect(fetched).toHaveBeenCalledOnce());
  const [path, init] = fetched.mock.calls[0] ?? [];
  expect(path).toBe("/api/chat/messages/a/stream");
  expect(new Headers(init?.headers).get("Last-Event-ID")).toBe("2");
  rest.send(3, "delta", { text: "two" });
  rest.send(5, "done", { message: whole });
  await vi.waitFor(() => expect(answer()).toEqual(whole));
});

it("follows an answer once, whoever of the two tells of it first", async () => {
  const own = fakeStream();
  fetched.mockResolvedValueOnce(own.response);
  const sent = turns.send("c", { content: "q", model: "" });
  started();
  own.send(1, "start", { userMessage: question, assistantMessage: empty });
  await vi.waitFor(() => expect(answer()).toBeDefined());
  hear(2, "delta", { text: "one " });
  own.send(2, "delta", { text: "one " });
  own.send(3, "done", { message: whole });
  own.end();
  await sent;
  expect(shown().map((one) => one.id)).toEqual(["q", "a"]);
  expect(fetched).toHaveBeenCalledOnce();
  expect(turns.phase("c")).toBeUndefined();
});

it("leaves conversations alone that this tab has never shown", () => {
  queries.removeQueries({ queryKey: messagesKey("c") });
  started();
  expect(turns.phase("c")).toBeUndefined();
});

it("keeps the list in step", () => {
  const list = conversationsQuery(false).queryKey;
  const one = { id: "c", title: "old", archived: false } as Conversation;
  const ids = () =>
    queries.getQueryData(list)?.pages.flatMap((page) => page.conversations.map((c) => c.title));
  queries.setQueryData(list, {
    pages: [{ conversations: [one], nextPageToken: "" }],
    pageParams: [""],
  });
  live.hear({ type: "conversation", conversation: { ...one, title: "new" } });
  expect(ids()).toEqual(["new"]);
  live.hear({ type: "conversation", conversation: { ...one, id: "d", title: "another" } });
  expect(ids()).toEqual(["another", "new"]);
  live.hear({ type: "conversationDeleted", conversationId: "c" });
  expect(ids()).toEqual(["another"]);
});
