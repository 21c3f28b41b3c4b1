import { EventSourceParserStream } from 'eventsource-parser/stream';
import { Problem, problemOf } from './problem.ts';

/** Where the platform is, and what opens it to this workspace. */
export type Address = { url: string; token: string };

/** The address that the platform put into the workspace's environment, if it did. */
export function addressFrom(env: Record<string, string | undefined>): Address | undefined {
  const { ATRIUM_URL: url, ATRIUM_TOKEN: token } = env;
  return url && token ? { url: url.replace(/\/+$/, ''), token } : undefined;
}

export type CallOptions = {
  signal?: AbortSignal;
  /** How long an answer may take to begin, in milliseconds. */
  patience?: number;
  headers?: Record<string, string>;
};

/** An event of a stream: its name, and its data as JSON. */
export type StreamEvent = { event: string; id?: string; data: unknown };

/**
 * Client calls the platform's API as this workspace. A call that does not
 * succeed throws a Problem, one that was given up an AbortError.
 */
export class Client {
  constructor(
    private readonly address: Address,
    private readonly send: typeof fetch = fetch,
  ) {}

  async get<T>(path: string, options: CallOptions = {}): Promise<T> {
    const response = await this.request('GET', path, undefined, 'application/json', options);
    return this.json<T>(response, options);
  }

  async post<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
    const response = await this.request('POST', path, body, 'application/json', options);
    return this.json<T>(response, options);
  }

  /** The events of a call, as they come. Leaving the loop ends the call. */
  async *stream(
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    options: CallOptions = {},
  ): AsyncGenerator<StreamEvent> {
    const response = await this.request(method, path, body, 'text/event-stream', options);
    if (!response.body) return;
    const events = response.body
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .pipeThrough(new EventSourceParserStream());
    try {
      for await (const { event = 'message', id, data } of events) {
        yield { event, id, data: JSON.parse(data) };
      }
    } catch (cause) {
      throw unreached(cause, options.signal);
    }
  }

  private async request(
    method: string,
    path: string,
    body: unknown,
    accept: string,
    { signal, patience = 60_000, headers = {} }: CallOptions,
  ): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), patience);
    let response: Response;
    try {
      response = await this.send(this.address.url + path, {
        method,
        headers: {
          ...headers,
          Accept: accept,
          Authorization: `Bearer ${this.address.token}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body, wellFormed),
        signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
        redirect: 'error',
      });
    } catch (cause) {
      throw unreached(cause, signal);
    } finally {
      clearTimeout(timer);
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  private async json<T>(response: Response, { signal }: CallOptions): Promise<T> {
    try {
      return (await response.json()) as T;
    } catch (cause) {
      throw unreached(cause, signal);
    }
  }
}

/** Text that was cut within a character is no JSON that the platform takes. */
const wellFormed = (_: string, value: unknown) =>
  typeof value === 'string' ? value.toWellFormed() : value;

/** Why a call got no answer; nobody is told of one that was given up. */
function unreached(cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (cause instanceof Problem) return cause;
  return new Problem('offline', 'The platform can’t be reached.');
}

/** Whether an error is only that nobody waits any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
