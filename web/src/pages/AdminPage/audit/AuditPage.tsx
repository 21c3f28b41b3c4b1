import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { auditQuery, auditTable } from "@/api/queries/admin/audit";
import { auditFilter } from "@/lib/adminSearch";
import { errorText } from "@/lib/errorText";
import { saveFile } from "@/lib/saveFile";
import { toast } from "@/lib/toast";
import { AuditPageView } from "./AuditPageView";

export function AuditPage() {
  const search = useSearch({ from: "/admin/audit" });
  const navigate = useNavigate({ from: "/admin/audit" });
  const filter = auditFilter(search);
  const audit = useInfiniteQuery(auditQuery(filter));
  const download = useMutation({
    mutationFn: auditTable,
    onSuccess: (table) =>
      saveFile(table, `atrium-audit-${new Date().toISOString().slice(0, 10)}.csv`),
    onError: (error) => toast.error(errorText(error)),
  });
  return (
    <AuditPageView
      search={search}
      entries={audit.data?.pages.flatMap((page) => page.entries)}
      more={audit.hasNextPage}
      morePending={audit.isFetchingNextPage}
      error={audit.error}
      downloading={download.isPending}
      onSearch={(next) => navigate({ search: next, replace: true, resetScroll: false })}
      onMore={audit.fetchNextPage}
      onReload={audit.refetch}
      onDownload={() => download.mutate(filter)}
    />
  );
}
