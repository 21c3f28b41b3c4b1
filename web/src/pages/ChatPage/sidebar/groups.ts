import type { Conversation } from "@/api/types";
import i18n from "@/i18n";
import type { Translate } from "@/i18n/useTranslation";
import { daysBetween } from "@/lib/time";

export type Group = { label: string; conversations: Conversation[] };

/** Pinned first, then by when something last happened: recent days, then months. */
export function groupConversations(
  conversations: Conversation[],
  t: Translate,
  now = new Date(),
): Group[] {
  const groups = new Map<string, Conversation[]>();
  const newestFirst = conversations.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt));
  const pinned = newestFirst.filter((conversation) => conversation.pinned);
  if (pinned.length > 0) groups.set(t("chat.groups.pinned"), pinned);
  for (const conversation of newestFirst) {
    if (conversation.pinned) continue;
    const label = labelOf(new Date(conversation.updatedAt), now, t);
    groups.set(label, [...(groups.get(label) ?? []), conversation]);
  }
  return [...groups].map(([label, members]) => ({ label, conversations: members }));
}

function labelOf(date: Date, now: Date, t: Translate): string {
  const days = daysBetween(date, now);
  if (days <= 0) return t("chat.groups.today");
  if (days === 1) return t("chat.groups.yesterday");
  if (days <= 7) return t("chat.groups.week");
  if (days <= 30) return t("chat.groups.month");
  return new Intl.DateTimeFormat(i18n.language, { month: "long", year: "numeric" }).format(date);
}
