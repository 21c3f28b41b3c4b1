/** The trace that all requests of this page belong to, until it is loaded again. */
const page = hex(16);

/**
 * A request's place in the page's trace, as W3C Trace Context writes it. The
 * server makes traces of its own, and notes in them which page asked.
 */
export function traceparent(): string {
  return `00-${page}-${hex(8)}-01`;
}

function hex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
