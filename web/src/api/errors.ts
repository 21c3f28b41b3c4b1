/** The one error shape of the platform, as the gateway sends it. */
export type ErrorBody = {
  code: number;
  status: string;
  reason: string;
  message: string;
  requestId?: string;
  fields?: Record<string, string>;
  metadata?: Record<string, string>;
};

export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly requestId: string;
  readonly fields: Record<string, string>;
  readonly metadata: Record<string, string>;

  constructor(body: Partial<ErrorBody> & { message: string }) {
    super(body.message);
    this.name = "ApiError";
    this.code = body.code ?? 0;
    this.reason = body.reason ?? "UNKNOWN";
    this.requestId = body.requestId ?? "";
    this.fields = body.fields ?? {};
    this.metadata = body.metadata ?? {};
  }

  /** True when asking the same again may well work. */
  get temporary(): boolean {
    return this.code === 0 || this.code === 429 || this.code >= 500;
  }
}

/** Reads whatever a failed answer carried; proxies in between may have sent HTML. */
export function errorFromBody(body: unknown, response: Response): ApiError {
  const error = (body as { error?: ErrorBody } | null | undefined)?.error;
  if (error && typeof error.message === "string") return new ApiError(error);
  return new ApiError({
    code: response.status,
    reason: "UNREADABLE_ANSWER",
    message: `The server answered with status ${response.status} and no explanation.`,
    requestId: response.headers.get("x-request-id") ?? "",
  });
}

export function networkError(): ApiError {
  return new ApiError({
    code: 0,
    reason: "NETWORK",
    message: "The server can't be reached. Check your connection and try again.",
  });
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TypeError) return networkError();
  return new ApiError({
    reason: "UNEXPECTED",
    message: error instanceof Error ? error.message : String(error),
  });
}

export function hasReason(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.reason === reason;
}

export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ApiError && error.code === 401;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}
