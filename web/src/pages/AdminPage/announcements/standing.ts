import type { Announcement } from "@/api/types";

/** Whether an announcement is shown at a moment, not yet or no more. */
export function standingOf(
  { from, until }: Pick<Announcement, "from" | "until">,
  now = Date.now(),
): "shown" | "planned" | "over" {
  if (until && Date.parse(until) <= now) return "over";
  if (from && Date.parse(from) > now) return "planned";
  return "shown";
}

/** A moment as a field for a local date and time has it; empty for none. */
export function localText(iso: string | null | undefined): string {
  if (!iso) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The moment that such a field means; undefined for an empty one. */
export function momentOf(local: string): string | undefined {
  return local ? new Date(local).toISOString() : undefined;
}
