import { Link } from "@tanstack/react-router";
import type { Conversation } from "@/api/types";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { timeAgo } from "@/lib/time";
import { Panel } from "./Panel";
import { RowsSkeleton } from "./RowsSkeleton";

type Props = { conversations: Conversation[] | undefined; error: Error | null };

export function RecentConversations({ conversations, error }: Props) {
  const { t } = useTranslation();
  return (
    <Panel title={t("home.recent")} more={{ to: "/chat", label: t("home.allConversations") }}>
      {error && <ErrorNotice error={error} className="mt-3" />}
      {!conversations && !error && <RowsSkeleton />}
      {conversations?.length === 0 && (
        <p className="py-4 text-ink-soft">{t("home.noConversations")}</p>
      )}
      <ul>
        {conversations?.map((conversation) => (
          <li key={conversation.id} className="border-b last:border-b-0">
            <Link
              to="/chat/$conversationId"
              params={{ conversationId: conversation.id }}
              className="-mx-2 flex items-baseline gap-3 rounded-md px-2 py-2.5 hover:bg-hover"
            >
              <span className="min-w-0 grow truncate">
                {conversation.title || t("chat.untitled")}
              </span>
              <span className="shrink-0 text-ink-faint text-xs">
                {timeAgo(conversation.updatedAt)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
