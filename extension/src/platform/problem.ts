/** What kind of trouble a call had, as far as a person would act differently on it. */
export type Trouble = 'offline' | 'quota' | 'busy' | 'token' | 'refused';

/** Problem is a call to the platform that did not succeed. Its message is for a person. */
export class Problem extends Error {
  constructor(
    readonly trouble: Trouble,
    message: string,
    /** The platform's own word for it, such as QUOTA_EXCEEDED; empty when it was not reached. */
    readonly reason = '',
    /** When it may be tried again, if the platform said so. */
    readonly retryAt?: Date,
  ) {
    super(message);
    this.name = 'Problem';
  }
}

type Body = { error?: { reason?: string; message?: string; metadata?: { resetsAt?: string } } };

/** Reads the platform's one shape of errors; `now` is in milliseconds. */
export async function problemOf(response: Response, now = Date.now()): Promise<Problem> {
  const { error = {} } = ((await response.json().catch(() => null)) ?? {}) as Body;
  const { reason = '', metadata } = error;
  const seconds = Number(response.headers.get('Retry-After'));
  const retryAt = metadata?.resetsAt
    ? new Date(metadata.resetsAt)
    : seconds > 0
      ? new Date(now + seconds * 1000)
      : undefined;
  return new Problem(
    troubleOf(response.status, reason),
    error.message || `The platform answered ${response.status}.`,
    reason,
    retryAt,
  );
}

function troubleOf(status: number, reason: string): Trouble {
  if (reason === 'QUOTA_EXCEEDED' || reason === 'BUDGET_EXCEEDED') return 'quota';
  if (status === 401) return 'token';
  if (status === 429) return 'busy';
  // A proxy before the platform answers these while the platform is away.
  if (status === 502 || status === 503 || status === 504) return 'offline';
  return 'refused';
}
