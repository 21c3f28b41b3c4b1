/**
 * Where to go after signing in: the given path when it stays on this origin,
 * else the start page. "//host" and "/\host" are other origins to a browser.
 */
export function safeNext(next: string | undefined, origin = window.location.origin): string {
  if (!next?.startsWith("/")) return "/";
  try {
    const url = new URL(next, origin);
    // "/.//host" is a path of this origin until its dot is gone.
    if (url.origin !== origin || url.pathname.startsWith("//")) return "/";
    return url.pathname + url.search + url.hash;
  } catch {
    return "/";
  }
}
