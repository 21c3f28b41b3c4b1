import { afterEach, expect, it, vi } from "vitest";
import { fakeStream, refusal } from "@/test/stream";
import { ApiError } from "./errors";
import { readEvents } from "./sse";

afterEach(() => vi.useRealTimers());

function answerWith(response: Response) {
  const fetched = vi.fn<typeof fetch>().mockResolvedValue(response);
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

it("reads events with their names and numbers", async () => {
  const stream = fakeStream();
  answerWith(stream.response);
  stream.comment();
  stream.send(1, "delta", { text: "ä" });
  stream.end();
  const events = [];
  for await (const event of readEvents("/x")) events.push(event);
  expect(events).toEqual([{ name: "delta", id: "1", data: { text: "ä" } }]);
});

it("throws the server's own refusal", async () => {
  answerWith(refusal(404, "MESSAGE_NOT_FOUND", "There is no such message."));
  const error = await readEvents("/x")
    .next()
    .catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ code: 404, reason: "MESSAGE_NOT_FOUND", requestId: "request-1" });
});

it("gives up a connection that has gone silent, not one that is kept awake", async () => {
  vi.useFakeTimers();
  const stream = fakeStream();
  answerWith(stream.response);
  const ended = readEvents("/x")
    .next()
    .catch((cause: unknown) => cause);
  for (let second = 0; second < 120; second += 15) {
    await vi.advanceTimersByTimeAsync(15_000);
    stream.comment();
  }
  await vi.advanceTimersByTimeAsync(50_000);
  expect(await ended).toMatchObject({ reason: "NETWORK", temporary: true });
});
