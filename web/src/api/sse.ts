import { EventSourceParserStream } from "eventsource-parser/stream";
import { asApiError, errorFromBody, networkError } from "./errors";
import { traceparent } from "./trace";

export type ServerEvent = { name: string; id: string; data: unknown };

/** The server sends a comment every 15 s: after three missed ones nobody is there. */
const silenceMs = 45_000;

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
    .pipeThrough(failAfterSilence())
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
  headers.set("traceparent", traceparent());
  let response: Response;
  try {
    response = await globalThis.fetch(path, { ...init, headers });
  } catch (cause) {
    throw init.signal?.aborted ? cause : asApiError(cause);
  }
  if (!response.ok) throw errorFromBody(await response.json().catch(() => null), response);
  return response;
}

/** A connection can be dead without anybody having closed it; silence tells. */
function failAfterSilence(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let timer: ReturnType<typeof setTimeout>;
  const listen = (controller: TransformStreamDefaultController) => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.error(networkError()), silenceMs);
  };
  // TypeScript's library does not know cancel yet; browsers that don't, only wait.
  const watch: Transformer & { cancel: () => void } = {
    start: listen,
    transform(chunk, controller) {
      listen(controller);
      controller.enqueue(chunk);
    },
    flush: () => clearTimeout(timer),
    cancel: () => clearTimeout(timer),
  };
  return new TransformStream(watch);
}
