import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { conversationKey } from "@/api/queries/conversations";
import { messagesKey } from "@/api/queries/messages";
import type { Message } from "@/api/types";
import { message } from "@/test/messages";
import { fakeStream, refusal } from "@/test/stream";
import { TurnManager } from "./TurnManager";

const question = message("q");
const empty = message("a", "q", { role: "assistant", content: "", status: "streaming" });
const whole: Message = { ...empty, content: "one two three", status: "complete" };

let queries: QueryClient;
let turns: TurnManager;
let fetched: ReturnType<typeof vi.fn<typeof fetch>>;

const shown = () => queries.getQueryData<Message[]>(messagesKey("c")) ?? [];
const answer = () => shown().find((one) => one.id === "a");
const head = () =>
  queries.getQueryData<{ headMessageId: string }>(conversationKey("c"))?.headMessageId;

beforeEach(() => {
  queries = new QueryClient();
  queries.setQueryData(conversationKey("c"), { id: "c", headMessageId: "" });
  queries.setQueryData(messagesKey("c"), []);
  turns = new TurnManager(queries);
  fetched = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", fetched);
});

describe("sending", () => {
  it("shows the question at once and the answer as it comes", async () => {
    const stream = fakeStream();
    fetched.mockResolvedValueOnce(stream.response);
    const sent = turns.send("c", { content: "q", model: "m" });
    expect(shown().map((one) => one.role)).toEqual(["user", "assistant"]);
    expect(turns.phase("c")).toBe("sending");

    stream.send(1, "start", { userMessage: question, assistantMessage: empty });
    await vi.waitFor(() => expect(shown().map((one) => one.id)).toEqual(["q", "a"]));
    expect(head()).toBe("a");
    stream.send(2, "delta", { text: "one " });
    stream.comment();
    stream.send(3, "delta", { text: "two" });
    await vi.waitFor(() => expect(answer()?.content).toBe("one two"));
    expect(turns.phase("c")).toBe("streaming");

    stream.send(4, "done", { message: whole });
    stream.end();
    await sent;
    expect(answer()).toEqual(whole);
    expect(turns.phase("c")).toBeUndefined();
  });

  it("keeps what the server would not take", async () => {
    fetched.mockResolvedValueOnce(refusal(429, "QUOTA_EXCEEDED", "Used up."));
    await turns.send("c", { content: "q", model: "m" });
    expect(shown()).toEqual([]);
    expect(head()).toBe("");
    expect(turns.refusal("c")?.question?.content).toBe("q");
    expect(turns.refusal("c")?.error.reason).toBe("QUOTA_EXCEEDED");
    turns.dismiss("c");
    expect(turns.refusal("c")).toBeUndefined();
  });

  it("asks on from the last event when the connection breaks", async () => {
    const [first, second] = [fakeStream(), fakeStream()];
    fetched.mockResolvedValueOnce(first.response).mockResolvedValueOnce(second.response);
    const sent = turns.send("c", { content: "q", model: "m" });
    first.send(1, "start", { userMessage: question, assistantMessage: empty });
    first.send(2, "delta", { text: "one " });
    await vi.waitFor(() => expect(answer()?.content).toBe("one "));
    first.cut();
    await vi.waitFor(() => expect(turns.phase("c")).toBe("reconnecting"));

    window.dispatchEvent(new Event("online"));
    second.send(2, "delta", { text: "one " });
    second.send(3, "delta", { text: "two three" });
    await vi.waitFor(() => expect(answer()?.content).toBe("one two three"));
    const [path, init] = fetched.mock.calls[1] ?? [];
    expect(path).toBe("/api/chat/messages/a/stream");
    expect(new Headers(init?.headers).get("Last-Event-ID")).toBe("2");
    second.send(4, "done", { message: whole });
    second.end();
    await sent;
    expect(answer()).toEqual(whole);
  });

  it("goes on without a word where the server that restarts sends it", async () => {
    const [first, second] = [fakeStream(), fakeStream()];
    fetched.mockResolvedValueOnce(first.response).mockResolvedValueOnce(second.response);
    const sent = turns.send("c", { content: "q", model: "m" });
    first.send(1, "start", { userMessage: question, assistantMessage: empty });
    first.send(2, "delta", { text: "one " });
    await vi.waitFor(() => expect(answer()?.content).toBe("one "));
    first.send(0, "restart", { reason: "SERVICE_RESTARTING" });
    first.end();
    await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(2));
    expect(turns.phase("c")).toBe("streaming");
    expect(new Headers(fetched.mock.calls[1]?.[1]?.headers).get("Last-Event-ID")).toBe("2");
    second.send(3, "done", { message: whole });
    second.end();
    await sent;
    expect(answer()).toEqual(whole);
  });

  it("shows an error of the turn on the answer that it broke", async () => {
    const stream = fakeStream();
    fetched.mockResolvedValueOnce(stream.response);
    const sent = turns.send("c", { content: "q", model: "m" });
    stream.send(1, "start", { userMessage: question, assistantMessage: empty });
    const error = { code: 503, reason: "PROVIDER_OVERLOADED", message: "Busy.", requestId: "r" };
    stream.send(2, "error", { error });
    stream.end();
    await sent;
    expect(answer()?.status).toBe("error");
    expect(answer()?.metadata).toMatchObject({ errorMessage: "Busy.", requestId: "r" });
  });
});

describe("resuming", () => {
  it("starts from event 0 and never shows less than before", async () => {
    const partial = { ...empty, content: "one two" };
    queries.setQueryData(messagesKey("c"), [question, partial]);
    const stream = fakeStream();
    fetched.mockResolvedValueOnce(stream.response);
    turns.resume(partial);
    turns.resume(partial);
    const [, init] = fetched.mock.calls[0] ?? [];
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(new Headers(init?.headers).get("Last-Event-ID")).toBe("0");

    stream.send(1, "start", { assistantMessage: empty });
    stream.send(2, "delta", { text: "one" });
    await vi.waitFor(() => expect(turns.phase("c")).toBe("streaming"));
    expect(answer()?.content).toBe("one two");
    stream.send(3, "delta", { text: " two three" });
    await vi.waitFor(() => expect(answer()?.content).toBe("one two three"));
    stream.send(4, "done", { message: whole });
    stream.end();
    await vi.waitFor(() => expect(turns.phase("c")).toBeUndefined());
  });

  it("leaves finished answers alone", () => {
    turns.resume(whole);
    expect(fetched).not.toHaveBeenCalled();
  });
});
