import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Code, MessageCircle, MessagesSquare, Settings, SquarePen } from "lucide-react";
import { createElement, type ReactNode } from "react";
import { recentConversationsQuery } from "@/api/queries/conversations";
import { searchQuery } from "@/api/queries/search";
import { workspacesQuery } from "@/api/queries/workspaces";
import { useTranslation } from "@/i18n/useTranslation";
import { Snippet } from "./Snippet";

export type Finding = {
  id: string;
  icon: typeof Code;
  label: ReactNode;
  detail?: ReactNode;
  /** When it was written. */
  time?: string;
  go: () => void;
};
export type Group = { label: string; findings: Finding[] };

/** What there is for a text: conversations and messages, workspaces, and places to go to. */
export function useFindings(text: string, asked: string) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const found = useQuery(searchQuery(asked));
  const recent = useQuery(recentConversationsQuery);
  const workspaces = useQuery(workspacesQuery);
  const has = (label: string) => label.toLowerCase().includes(text.toLowerCase());
  const toChat = (conversationId: string, message?: string) => () =>
    navigate({
      to: "/chat/$conversationId",
      params: { conversationId },
      search: message ? { message } : {},
    });

  const chats: Finding[] =
    text === ""
      ? (recent.data ?? []).map((one) => ({
          id: one.id,
          icon: MessageCircle,
          label: one.title || t("chat.untitled"),
          time: one.updatedAt,
          go: toChat(one.id),
        }))
      : (found.data ?? []).map((one) => ({
          id: one.conversationId + one.messageId,
          icon: one.messageId ? MessagesSquare : MessageCircle,
          label: one.messageId
            ? one.conversationTitle || t("chat.untitled")
            : createElement(Snippet, one),
          detail: one.messageId ? createElement(Snippet, one) : undefined,
          time: one.createdAt,
          go: toChat(one.conversationId, one.messageId),
        }));
  const places: Finding[] = [
    { icon: SquarePen, label: t("chat.new"), to: "/chat" as const },
    { icon: Code, label: t("search.workspaces"), to: "/ide" as const },
    { icon: Settings, label: t("search.settings"), to: "/settings" as const },
  ]
    .filter(({ label }) => has(label))
    .map(({ icon, label, to }) => ({ id: to, icon, label, go: () => navigate({ to }) }));
  const own: Finding[] = (workspaces.data ?? [])
    .filter(({ name }) => has(name))
    .slice(0, 6)
    .map(({ id, name, status }) => ({
      id,
      icon: Code,
      label: name,
      detail: t(`ide.status.${status}`),
      go: () => navigate({ to: "/ide/workspace/$workspaceId", params: { workspaceId: id } }),
    }));

  const groups: Group[] = [
    { label: text ? t("search.chats") : t("search.recent"), findings: chats },
    { label: t("search.workspaces"), findings: own },
    { label: t("search.places"), findings: places },
  ].filter((group) => group.findings.length > 0);
  const searching = text !== "" && (text !== asked || found.isFetching);
  return { groups, searching, error: text === "" ? null : found.error, retry: found.refetch };
}
