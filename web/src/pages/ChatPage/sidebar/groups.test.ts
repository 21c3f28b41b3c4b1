import { expect, it } from "vitest";
import type { Conversation } from "@/api/types";
import i18n from "@/i18n";
import { groupConversations } from "./groups";

const now = new Date(2026, 10, 23, 12);

function conversation(id: string, daysAgo: number, pinned = false): Conversation {
  const updatedAt = new Date(2026, 10, 23 - daysAgo, 8).toISOString();
  return {
    id,
    title: id,
    createdAt: updatedAt,
    updatedAt,
    pinned,
    archived: false,
    model: "",
    workspaceId: "",
    headMessageId: "",
    systemPrompt: "",
    titleBy: "",
    unreadable: false,
  };
}

it("puts pinned first, then recent days, then months", () => {
  const list = [
    conversation("march", 240),
    conversation("week", 7),
    conversation("today", 0),
    conversation("kept", 100, true),
    conversation("yesterday", 1),
    conversation("month", 8),
  ];
  const groups = groupConversations(list, i18n.t, now);
  expect(
    groups.map(({ label, conversations }) => [label, conversations.map((one) => one.id)]),
  ).toEqual([
    ["Pinned", ["kept"]],
    ["Today", ["today"]],
    ["Yesterday", ["yesterday"]],
    ["Previous 7 days", ["week"]],
    ["Previous 30 days", ["month"]],
    ["March 2026", ["march"]],
  ]);
});
