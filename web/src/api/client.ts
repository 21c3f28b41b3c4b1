import createClient from "openapi-fetch";
import { asApiError, errorFromBody } from "./errors";
import type { paths } from "./schema.gen";
import { traceparent } from "./trace";

// fetch is looked up at call time so that tests can put their own in its place.
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: (request) => {
    request.headers.set("traceparent", traceparent());
    return globalThis.fetch(request);
  },
});

type Result = { data?: unknown; error?: unknown; response: Response };

/** Answers the body of a call as T, or throws an ApiError. */
export async function unwrap<T>(call: Promise<Result>): Promise<T> {
  let result: Result;
  try {
    result = await call;
  } catch (cause) {
    throw asApiError(cause);
  }
  if (!result.response.ok) throw errorFromBody(result.error, result.response);
  return result.data as T;
}

/** Makes a POST that creates safe to repeat. */
export function idempotent() {
  return { "Idempotency-Key": crypto.randomUUID() };
}
