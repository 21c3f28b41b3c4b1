import { ApiError, type ErrorBody } from "@/api/errors";
import type { ServerEvent } from "@/api/sse";
import type { Message, Usage } from "@/api/types";

/** What a turn's stream says, in the order of its sequence numbers. */
export type TurnEvent =
  | { kind: "start"; userMessage?: Message; assistantMessage: Message }
  | { kind: "delta"; text: string }
  | { kind: "usage"; usage: Usage }
  | { kind: "done"; message: Message }
  | { kind: "error"; error: ApiError; message?: Message };

export function parseTurnEvent(event: ServerEvent): TurnEvent | null {
  // biome-ignore lint/suspicious/noExplicitAny: JSON from the wire, narrowed by the event's name.
  const data = event.data as any;
  switch (event.name) {
    case "start":
      return {
        kind: "start",
        userMessage: data.userMessage ?? undefined,
        assistantMessage: data.assistantMessage,
      };
    case "delta":
      return { kind: "delta", text: String(data.text ?? "") };
    case "usage":
      return { kind: "usage", usage: data };
    case "done":
      return { kind: "done", message: data.message };
    case "error":
      return {
        kind: "error",
        error: new ApiError(data.error as ErrorBody),
        message: data.message ?? undefined,
      };
    default:
      // A newer gateway may say more than this page knows.
      return null;
  }
}
