import { Download, ScrollText } from "lucide-react";
import type { AuditEntry } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Table } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import type { AuditSearch } from "@/lib/adminSearch";
import { Empty } from "../Empty";
import { MoreRows } from "../MoreRows";
import { PageHead } from "../PageHead";
import { RowsSkeleton } from "../RowsSkeleton";
import { AuditFilters } from "./AuditFilters";
import { AuditRow } from "./AuditRow";

type Props = {
  search: AuditSearch;
  entries: AuditEntry[] | undefined;
  more: boolean;
  morePending: boolean;
  error: Error | null;
  downloading: boolean;
  onSearch: (search: AuditSearch) => void;
  onMore: () => void;
  onReload: () => void;
  onDownload: () => void;
};

export function AuditPageView(props: Props) {
  const { search, entries, more, morePending, error, downloading } = props;
  const { t } = useTranslation();
  const columns = (["time", "event", "actor", "target", "address", "details"] as const).map(
    (column) => t(`admin.audit.${column}`),
  );
  return (
    <>
      <PageHead title={t("admin.audit.title")} lead={t("admin.audit.lead")}>
        <Button pending={downloading} onClick={props.onDownload}>
          <Download aria-hidden /> {t("admin.audit.csv")}
        </Button>
      </PageHead>
      <AuditFilters search={search} onChange={props.onSearch} />
      {!entries && error && <ErrorNotice error={error} onRetry={props.onReload} className="mt-6" />}
      {!entries && !error && <RowsSkeleton />}
      {entries?.length === 0 && (
        <Empty icon={ScrollText} title={t("admin.audit.none")}>
          <Button onClick={() => props.onSearch({})}>{t("admin.clearFilters")}</Button>
        </Empty>
      )}
      {entries && entries.length > 0 && (
        <>
          <Table label={t("admin.audit.title")} columns={columns} className="mt-6">
            {entries.map((entry) => (
              <AuditRow key={entry.id} entry={entry} columns={columns.length} />
            ))}
          </Table>
          <MoreRows
            shown={entries.length}
            more={more}
            pending={morePending}
            error={error}
            onMore={props.onMore}
          />
        </>
      )}
    </>
  );
}
