const first = 500;
const longest = 10_000;

/** Waits before another try, longer each time; being online again or an abort ends the wait. */
export function backoff(attempt: number, signal: AbortSignal): Promise<void> {
  const ceiling = Math.min(longest, first * 2 ** attempt);
  const delay = ceiling / 2 + Math.random() * (ceiling / 2);
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener("online", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, delay);
    window.addEventListener("online", finish);
    signal.addEventListener("abort", finish);
  });
}
