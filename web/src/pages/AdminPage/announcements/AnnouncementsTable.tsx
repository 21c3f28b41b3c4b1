import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import {
  allAnnouncementsQuery,
  announcementsQuery,
  deleteAnnouncement,
  saveAnnouncement,
} from "@/api/queries/announcements";
import type { Announcement } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { IconButton } from "@/components/ui/IconButton";
import { Cell, Row, Table } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { formatDateTime } from "@/lib/time";
import { toast } from "@/lib/toast";
import { standingOf } from "./standing";

type Props = { announcements: Announcement[]; onEdit: (announcement: Announcement) => void };

const levelKinds = { info: "accent", warning: "warning", critical: "bad" } as const;
const standingKinds = { shown: "ok", planned: "neutral", over: "neutral" } as const;

export function AnnouncementsTable({ announcements, onEdit }: Props) {
  const { t } = useTranslation();
  const columns = ["text", "level", "time", "state", "actions"] as const;
  return (
    <Table
      label={t("admin.announcements.title")}
      columns={columns.map((column) => t(`admin.announcements.${column}`))}
      className="mt-6"
    >
      {announcements.map((one) => {
        const standing = standingOf(one);
        return (
          <Row key={one.id} className="relative">
            <Cell className="max-md:pe-20 md:w-1/2">
              <span className="wrap-anywhere line-clamp-3 min-w-0 whitespace-pre-line">
                {one.text}
              </span>
            </Cell>
            <Cell name={t("admin.announcements.level")}>
              <Badge kind={levelKinds[one.level]}>{t(`announcements.levels.${one.level}`)}</Badge>
            </Cell>
            <Cell name={t("admin.announcements.time")} className="text-ink-soft text-sm">
              <span>
                {one.from ? formatDateTime(one.from) : t("admin.announcements.atOnce")}
                {" – "}
                {one.until ? formatDateTime(one.until) : t("admin.announcements.noEnd")}
              </span>
            </Cell>
            <Cell name={t("admin.announcements.state")}>
              <Badge kind={standingKinds[standing]}>
                {t(`admin.announcements.states.${standing}`)}
              </Badge>
            </Cell>
            <Cell className="max-md:absolute max-md:end-0 max-md:top-1.5">
              <span className="flex">
                <IconButton label={t("admin.announcements.edit")} onClick={() => onEdit(one)}>
                  <Pencil />
                </IconButton>
                <DeleteButton announcement={one} />
              </span>
            </Cell>
          </Row>
        );
      })}
    </Table>
  );
}

/** Deletes at once, and offers to bring it back. */
function DeleteButton({ announcement }: { announcement: Announcement }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const changed = () =>
    Promise.all(
      [allAnnouncementsQuery, announcementsQuery].map(({ queryKey }) =>
        queries.invalidateQueries({ queryKey }),
      ),
    );
  const restore = useMutation({
    mutationFn: () => saveAnnouncement({ key: crypto.randomUUID(), draft: announcement }),
    onSuccess: changed,
    onError: (error) => toast.error(errorText(error)),
  });
  const remove = useMutation({
    mutationFn: () => deleteAnnouncement(announcement.id),
    onSuccess: async () => {
      toast.message(t("admin.announcements.deleted"), {
        action: { label: t("common.undo"), onClick: () => restore.mutate() },
      });
      await changed();
    },
    onError: (error) => toast.error(errorText(error)),
  });
  return (
    <IconButton
      label={t("admin.announcements.delete")}
      disabled={remove.isPending}
      onClick={() => remove.mutate()}
    >
      <Trash2 />
    </IconButton>
  );
}
