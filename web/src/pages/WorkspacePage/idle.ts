/** How long before a stop its owner is told. */
const warning = 10 * 60_000;

/** Whether a workspace stops within the next ten minutes unless somebody works in it. */
export function stopsSoon(autostopAt: string, now = Date.now()): boolean {
  return Date.parse(autostopAt) - now < warning;
}
