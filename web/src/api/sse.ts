import { EventSourceParserStream } from "eventsource-parser/stream";
import { asApiError, errorFromBody } from "./errors";

export type ServerEvent = { name: string; id: string; data: unknown };

/**
 * Reads a stream of server-sent events. It ends when the server ends it, and
 * throws an ApiError when the answer is a refusal or the connection breaks.
 */
export async function* readEvents(
  path: string,
  init: RequestInit = {},
): AsyncGenerator<ServerEvent> {
  const response = await connect(path, init);
  if (!response.body) return;
  const reader = response.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, BufferSource>)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield { name: value.event ?? "message", id: value.id ?? "", data: JSON.parse(value.data) };
    }
  } catch (cause) {
    throw asApiError(cause);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function connect(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("Accept", "text/event-stream");
  let response: Response;
  try {
    response = await globalThis.fetch(path, { ...init, headers });
  } catch (cause) {
    throw init.signal?.aborted ? cause : asApiError(cause);
  }
  if (!response.ok) throw errorFromBody(await response.json().catch(() => null), response);
  return response;
}
