import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { SquarePen } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { conversationsQuery } from "@/api/queries/conversations";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { ConversationItem } from "./ConversationItem";
import { groupConversations } from "./groups";
import { useHidden } from "./hidden";

/** Every conversation of the user, grouped by time. */
export function ConversationList({ onOpen }: { onOpen?: () => void }) {
  const { t } = useTranslation();
  const hidden = useHidden();
  const list = useInfiniteQuery(conversationsQuery);
  const groups = useMemo(() => {
    const all = list.data?.pages.flatMap((page) => page.conversations) ?? [];
    return groupConversations(
      all.filter((conversation) => !hidden.has(conversation.id)),
      t,
    );
  }, [list.data, hidden, t]);

  return (
    <nav aria-label={t("nav.conversations")} className="flex min-h-0 grow flex-col">
      <div className="p-3 pb-2">
        <Button asChild className="w-full justify-start!">
          <Link to="/chat" onClick={onOpen} activeOptions={{ exact: true }}>
            <SquarePen aria-hidden /> {t("chat.new")}
          </Link>
        </Button>
      </div>
      <div className="min-h-0 grow overflow-y-auto px-3 pb-4">
        {list.isPending && (
          <Loading className="flex flex-col gap-3 px-2.5 pt-4">
            {[72, 88, 60, 80, 68].map((width) => (
              <div key={width} style={{ width: `${width}%` }}>
                <Skeleton className="h-4" />
              </div>
            ))}
          </Loading>
        )}
        {list.isError && <ErrorNotice error={list.error} onRetry={list.refetch} />}
        {list.isSuccess && groups.length === 0 && (
          <p className="px-2.5 pt-3 text-ink-faint">{t("chat.listEmpty")}</p>
        )}
        {groups.map((group) => (
          <section key={group.label} aria-label={group.label}>
            <h2 className="px-2.5 pt-4 pb-1.5 font-[560] text-ink-faint text-xs tracking-normal">
              {group.label}
            </h2>
            <ul>
              {group.conversations.map((conversation) => (
                <ConversationItem
                  key={conversation.id}
                  conversation={conversation}
                  onOpen={onOpen}
                />
              ))}
            </ul>
          </section>
        ))}
        {list.hasNextPage && (
          <Button
            variant="ghost"
            size="sm"
            className="mt-2 w-full"
            pending={list.isFetchingNextPage}
            onClick={() => list.fetchNextPage()}
          >
            {t("common.loadMore")}
          </Button>
        )}
      </div>
    </nav>
  );
}
