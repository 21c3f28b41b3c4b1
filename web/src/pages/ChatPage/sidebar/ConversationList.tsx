import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Archive, ArrowLeft, SquarePen } from "lucide-react";
import { useMemo, useState } from "react";
import { conversationsQuery } from "@/api/queries/conversations";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { ConversationItem } from "./ConversationItem";
import { groupConversations } from "./groups";

/** Every conversation of the user, grouped by time; those put away have a list of their own. */
export function ConversationList({ onOpen }: { onOpen?: () => void }) {
  const { t } = useTranslation();
  const [archived, setArchived] = useState(false);
  return (
    <nav aria-label={t("nav.conversations")} className="flex min-h-0 grow flex-col">
      <div className="flex p-3 pb-2">
        <Button asChild className="min-w-0 grow justify-start!">
          <Link to="/chat" onClick={onOpen} activeOptions={{ exact: true }}>
            <SquarePen aria-hidden /> {t("chat.new")}
          </Link>
        </Button>
      </div>
      <List key={String(archived)} archived={archived} onOpen={onOpen} />
      <div className="border-t p-2">
        <Button
          variant="ghost"
          size="sm"
          className="w-full justify-start!"
          onClick={() => setArchived(!archived)}
        >
          {archived ? <ArrowLeft aria-hidden /> : <Archive aria-hidden />}
          {archived ? t("chat.showCurrent") : t("chat.showArchived")}
        </Button>
      </div>
    </nav>
  );
}

function List({ archived, onOpen }: { archived: boolean; onOpen?: () => void }) {
  const { t } = useTranslation();
  const list = useInfiniteQuery(conversationsQuery(archived));
  const groups = useMemo(() => {
    const all = list.data?.pages.flatMap((page) => page.conversations) ?? [];
    // One that was put away a moment ago is still in the list that was read before.
    return groupConversations(
      all.filter((one) => one.archived === archived),
      t,
    );
  }, [list.data, archived, t]);

  return (
    <div className="min-h-0 grow overflow-y-auto px-3 pb-4">
      {archived && <h2 className="px-2.5 pt-2 font-[620]">{t("chat.archivedTitle")}</h2>}
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
        <p className="px-2.5 pt-3 text-ink-faint">
          {archived ? t("chat.archivedEmpty") : t("chat.listEmpty")}
        </p>
      )}
      {groups.map((group) => (
        <section key={group.label} aria-label={group.label}>
          <h2 className="px-2.5 pt-4 pb-1.5 font-[560] text-ink-faint text-xs tracking-normal">
            {group.label}
          </h2>
          <ul>
            {group.conversations.map((conversation) => (
              <ConversationItem key={conversation.id} conversation={conversation} onOpen={onOpen} />
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
  );
}
