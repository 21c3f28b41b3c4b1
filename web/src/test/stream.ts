/** A stream of server-sent events that a test writes by hand, as an answer of fetch. */
export function fakeStream() {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (started) => {
      controller = started;
    },
  });
  return {
    response: new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
    send: (id: number, event: string, data: unknown) =>
      controller.enqueue(
        encoder.encode(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      ),
    comment: () => controller.enqueue(encoder.encode(": awake\n\n")),
    end: () => controller.close(),
    cut: () => controller.error(new TypeError("network error")),
  };
}

/** The platform's error shape, as an answer of fetch. */
export function refusal(code: number, reason: string, message: string, more: object = {}) {
  const error = { code, status: "", reason, message, requestId: "request-1", ...more };
  return Response.json({ error }, { status: code });
}
