import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Download, Gauge as GaugeIcon } from "lucide-react";
import { useState } from "react";
import { adminUsageDaysQuery, adminUsageQuery, usageTable } from "@/api/queries/admin/usage";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { DayChart } from "@/components/usage/DayChart";
import { useTranslation } from "@/i18n/useTranslation";
import { usageFilter } from "@/lib/adminSearch";
import { errorText } from "@/lib/errorText";
import { saveFile } from "@/lib/saveFile";
import { toast } from "@/lib/toast";
import { monthStart, usageDays, utcToday } from "@/lib/usageDays";
import { Empty } from "../Empty";
import { MoreRows } from "../MoreRows";
import { PageHead } from "../PageHead";
import { RowsSkeleton } from "../RowsSkeleton";
import { Alerts } from "./Alerts";
import { type Correctable, CorrectDialog } from "./CorrectDialog";
import { Entries } from "./Entries";
import { PlatformBudget } from "./PlatformBudget";
import { SumsTable } from "./SumsTable";
import { UsageFilters } from "./UsageFilters";

export function UsagePage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/admin/usage" });
  const navigate = useNavigate({ from: "/admin/usage" });
  const filter = usageFilter(search);
  const usage = useInfiniteQuery(adminUsageQuery(filter));
  const days = useQuery(adminUsageDaysQuery(filter));
  const [correcting, setCorrecting] = useState<Correctable>();
  const download = useMutation({
    mutationFn: usageTable,
    onSuccess: (table) => saveFile(table, `atrium-usage-${utcToday()}.csv`),
    onError: (error) => toast.error(errorText(error)),
  });
  const first = usage.data?.pages[0];
  const groups = usage.data?.pages.flatMap((page) => page.groups);
  const to = search.to ?? utcToday();
  return (
    <>
      <PageHead title={t("admin.usage.title")} lead={t("admin.usage.lead")}>
        <Button pending={download.isPending} onClick={() => download.mutate(filter)}>
          <Download aria-hidden /> {t("admin.usage.csv")}
        </Button>
      </PageHead>
      {first && (
        <div className="mt-6 grid items-start gap-4 lg:grid-cols-2">
          <PlatformBudget budget={first.budget} />
          <Alerts alerts={first.alerts} />
        </div>
      )}
      <UsageFilters
        search={search}
        onChange={(next) => navigate({ search: next, replace: true, resetScroll: false })}
      />
      {!groups && usage.error && (
        <ErrorNotice error={usage.error} onRetry={usage.refetch} className="mt-6" />
      )}
      {!groups && !usage.error && <RowsSkeleton />}
      {groups?.length === 0 && <Empty icon={GaugeIcon} title={t("admin.usage.none")} />}
      {first && groups && groups.length > 0 && (
        <>
          {days.data && (
            <div className="mt-6">
              <DayChart days={usageDays(days.data, search.from ?? monthStart(to), to)} />
            </div>
          )}
          <SumsTable
            by={search.groupBy ?? "user"}
            groups={groups}
            total={first.total}
            onCorrect={(group) =>
              setCorrecting({
                userId: group.key,
                name: group.username || t("admin.usage.unnamed", { id: group.key.slice(-6) }),
              })
            }
          />
          <MoreRows
            shown={groups.length}
            more={usage.hasNextPage}
            pending={usage.isFetchingNextPage}
            error={usage.error}
            onMore={usage.fetchNextPage}
          />
        </>
      )}
      {search.userId && <Entries filter={filter} onCorrect={setCorrecting} />}
      {correcting && <CorrectDialog of={correcting} onClose={() => setCorrecting(undefined)} />}
    </>
  );
}
