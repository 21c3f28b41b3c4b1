import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Code, FileText, MessageCircle, MessagesSquare } from "lucide-react";
import { createElement, type ReactNode } from "react";
import { recentConversationsQuery } from "@/api/queries/conversations";
import { fileSearchQuery } from "@/api/queries/fileSearch";
import { searchQuery } from "@/api/queries/search";
import { showFile } from "@/api/queries/windows";
import { workspacesQuery } from "@/api/queries/workspaces";
import type { FoundFile } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";
import { Snippet } from "./Snippet";
import { firstCommands, useCommands } from "./useCommands";

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

/**
 * What there is for a text: conversations and messages, workspaces, files of
 * those that run, and commands. Each comes from a call that gives the user's own.
 */
export function useFindings(text: string, asked: string) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const found = useQuery(searchQuery(asked));
  const recent = useQuery(recentConversationsQuery);
  const workspaces = useQuery(workspacesQuery);
  const runs = workspaces.data?.some(({ status }) => status === "running") ?? false;
  const foundFiles = useQuery({ ...fileSearchQuery(asked), enabled: runs && asked.length > 1 });
  const commands = useCommands();
  const words = text.toLowerCase().split(/\s+/);
  const has = (label: string) => words.every((word) => label.toLowerCase().includes(word));
  const toChat = (conversationId: string, message?: string) => () =>
    navigate({
      to: "/chat/$conversationId",
      params: { conversationId },
      search: message ? { message } : {},
    });
  // A window in which the workspace is open shows it; without one its page does.
  const toFile =
    ({ workspaceId, path }: FoundFile) =>
    async () => {
      const shown = await showFile(workspaceId, path, 1).catch(() => false);
      await navigate({
        to: "/ide/workspace/$workspaceId",
        params: { workspaceId },
        search: shown ? {} : { file: path, line: 1 },
      });
    };

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
  const files: Finding[] = (text === "" ? [] : (foundFiles.data ?? [])).map((file) => ({
    id: `${file.workspaceId}/${file.path}`,
    icon: FileText,
    label: file.path.split("/").at(-1),
    detail: `${file.workspaceName} · ${file.path}`,
    go: toFile(file),
  }));
  const offered =
    text === "" ? commands.slice(0, firstCommands) : commands.filter(({ label }) => has(label));

  const groups: Group[] = [
    { label: text ? t("search.chats") : t("search.recent"), findings: chats },
    { label: t("search.workspaces"), findings: own },
    { label: t("search.files"), findings: files },
    { label: t("search.commands"), findings: offered },
  ].filter((group) => group.findings.length > 0);
  const searching =
    text !== "" && (text !== asked || found.isFetching || (runs && foundFiles.isFetching));
  const error = text === "" ? null : (found.error ?? foundFiles.error);
  const retry = () => void Promise.all([found.refetch(), runs && foundFiles.refetch()]);
  return { groups, searching, error, retry };
}
