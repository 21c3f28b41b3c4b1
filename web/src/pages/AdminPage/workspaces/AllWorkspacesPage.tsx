import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Boxes } from "lucide-react";
import { allWorkspacesQuery, type WorkspaceFilter } from "@/api/queries/admin/workspaces";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Table } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import { Empty } from "../Empty";
import { MoreRows } from "../MoreRows";
import { PageHead } from "../PageHead";
import { RowsSkeleton } from "../RowsSkeleton";
import { OwnedRow } from "./OwnedRow";
import { WorkspaceFilters } from "./WorkspaceFilters";

const columns = [
  "workspace",
  "owner",
  "status",
  "isolation",
  "processor",
  "memory",
  "actions",
] as const;

/** The workspaces of all users: what runs, why, what it takes, and how to stop it. */
export function AllWorkspacesPage() {
  const { t } = useTranslation();
  const filter = useSearch({ from: "/admin/workspaces" });
  const navigate = useNavigate({ from: "/admin/workspaces" });
  const all = useInfiniteQuery(allWorkspacesQuery(filter));
  const rows = all.data?.pages.flatMap((page) => page.workspaces);
  const show = (search: WorkspaceFilter) => navigate({ search, replace: true, resetScroll: false });
  return (
    <>
      <PageHead title={t("admin.workspaces.title")} lead={t("admin.workspaces.lead")} />
      <WorkspaceFilters filter={filter} onChange={show} />
      {!rows && all.error && (
        <ErrorNotice error={all.error} onRetry={() => all.refetch()} className="mt-6" />
      )}
      {!rows && !all.error && <RowsSkeleton />}
      {rows?.length === 0 && (
        <Empty icon={Boxes} title={t("admin.workspaces.none")}>
          <Button onClick={() => show({})}>{t("admin.clearFilters")}</Button>
        </Empty>
      )}
      {rows && rows.length > 0 && (
        <>
          <Table
            label={t("admin.workspaces.title")}
            columns={columns.map((column) => t(`admin.workspaces.${column}`))}
            className="mt-6"
          >
            {rows.map((one) => (
              <OwnedRow key={one.workspace.id} owned={one} />
            ))}
          </Table>
          <MoreRows
            shown={rows.length}
            more={all.hasNextPage}
            pending={all.isFetchingNextPage}
            error={all.error}
            onMore={all.fetchNextPage}
          />
        </>
      )}
    </>
  );
}
