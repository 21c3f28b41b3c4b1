import { useQuery } from "@tanstack/react-query";
import { Megaphone, Plus } from "lucide-react";
import { useState } from "react";
import { allAnnouncementsQuery } from "@/api/queries/announcements";
import type { Announcement } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { Empty } from "../Empty";
import { PageHead } from "../PageHead";
import { RowsSkeleton } from "../RowsSkeleton";
import { AnnouncementDialog } from "./AnnouncementDialog";
import { AnnouncementsTable } from "./AnnouncementsTable";

export function AnnouncementsPage() {
  const { t } = useTranslation();
  const { data, error, isPending, refetch } = useQuery(allAnnouncementsQuery);
  const [editing, setEditing] = useState<Announcement | "new">();
  const add = (
    <Button variant="primary" onClick={() => setEditing("new")}>
      <Plus aria-hidden /> {t("admin.announcements.new")}
    </Button>
  );
  return (
    <>
      <PageHead title={t("admin.announcements.title")} lead={t("admin.announcements.lead")}>
        {data && data.length > 0 && add}
      </PageHead>
      {error && <ErrorNotice error={error} onRetry={refetch} className="mt-6" />}
      {isPending && <RowsSkeleton />}
      {data?.length === 0 && (
        <Empty icon={Megaphone} title={t("admin.announcements.none")}>
          {add}
        </Empty>
      )}
      {data && data.length > 0 && <AnnouncementsTable announcements={data} onEdit={setEditing} />}
      {editing && (
        <AnnouncementDialog
          announcement={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  );
}
