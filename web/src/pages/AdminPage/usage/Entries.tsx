import { useInfiniteQuery } from "@tanstack/react-query";
import { type UsageFilter, usageEntriesQuery } from "@/api/queries/admin/usage";
import type { UsageEntry } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Cell, Row, Table } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import { formatNumber, formatUsd, toNumber } from "@/lib/format";
import { formatMoment } from "@/lib/time";
import { MoreRows } from "../MoreRows";
import type { Correctable } from "./CorrectDialog";

type Props = { filter: UsageFilter; onCorrect: (of: Correctable) => void };

/** The ledger's rows of an account: its calls, and what was corrected of them. */
export function Entries({ filter, onCorrect }: Props) {
  const { t } = useTranslation();
  const list = useInfiniteQuery(usageEntriesQuery(filter));
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  if (list.error && entries.length === 0) {
    return <ErrorNotice error={list.error} onRetry={list.refetch} className="mt-8" />;
  }
  if (entries.length === 0) return null;
  const columns = (
    ["time", "what", "model", "input", "output", "cost", "state", "actions"] as const
  ).map((column) => t(`admin.usage.${column}`));
  return (
    <section aria-labelledby="entries-title" className="mt-10">
      <h2 id="entries-title" className="text-lg">
        {t("admin.usage.entries")}
      </h2>
      <Table label={t("admin.usage.entries")} columns={columns} className="mt-3">
        {entries.map((entry) => (
          <EntryRow key={entry.id} entry={entry} onCorrect={onCorrect} />
        ))}
      </Table>
      <MoreRows
        shown={entries.length}
        more={list.hasNextPage}
        pending={list.isFetchingNextPage}
        error={list.error}
        onMore={list.fetchNextPage}
      />
    </section>
  );
}

function EntryRow({ entry, onCorrect }: { entry: UsageEntry; onCorrect: Props["onCorrect"] }) {
  const { t } = useTranslation();
  const correction = entry.source === "correction";
  const prompt =
    toNumber(entry.inputTokens) +
    toNumber(entry.cacheReadTokens) +
    toNumber(entry.cacheWriteTokens);
  return (
    <Row>
      <Cell name={t("admin.usage.time")} className="text-ink-soft tabular-nums">
        <time dateTime={entry.createdAt}>{formatMoment(entry.createdAt)}</time>
      </Cell>
      <Cell name={t("admin.usage.what")}>
        {correction ? (
          <span>
            <Badge kind="accent">{t("admin.usage.correction")}</Badge>
            <span className="mt-1 block break-words text-ink-soft text-xs">{entry.reason}</span>
          </span>
        ) : (
          <code className="font-mono text-xs">{entry.source}</code>
        )}
      </Cell>
      <Cell name={t("admin.usage.model")} className="break-all">
        {entry.model || "–"}
      </Cell>
      <Cell name={t("admin.usage.input")} className="tabular-nums">
        {formatNumber(prompt)}
      </Cell>
      <Cell name={t("admin.usage.output")} className="tabular-nums">
        {formatNumber(toNumber(entry.outputTokens))}
      </Cell>
      <Cell name={t("admin.usage.cost")} className="tabular-nums">
        {formatUsd(entry.costUsd)}
      </Cell>
      <Cell name={t("admin.usage.state")}>
        {t(`admin.usage.states.${entry.status as "reserved" | "settled" | "released"}`)}
      </Cell>
      <Cell>
        {!correction && entry.status === "settled" && (
          <Button
            onClick={() =>
              onCorrect({
                userId: entry.userId,
                name: entry.username || entry.userId,
                requestId: entry.requestId,
              })
            }
          >
            {t("admin.usage.giveBack")}
          </Button>
        )}
      </Cell>
    </Row>
  );
}
