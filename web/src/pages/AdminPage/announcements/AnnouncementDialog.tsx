import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asApiError } from "@/api/errors";
import {
  allAnnouncementsQuery,
  announcementsQuery,
  saveAnnouncement,
} from "@/api/queries/announcements";
import type { Announcement, AnnouncementLevel } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { TextArea } from "@/components/ui/TextArea";
import { useTranslation } from "@/i18n/useTranslation";
import { problemText } from "@/lib/errorText";
import { toast } from "@/lib/toast";
import { localText, momentOf } from "./standing";

const levels: AnnouncementLevel[] = ["info", "warning", "critical"];

type Props = {
  /** Undefined makes a new one. */
  announcement: Announcement | undefined;
  onClose: () => void;
};

export function AnnouncementDialog({ announcement, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [key] = useState(() => crypto.randomUUID());
  const [text, setText] = useState(announcement?.text ?? "");
  const [level, setLevel] = useState<AnnouncementLevel>(announcement?.level ?? "info");
  const [from, setFrom] = useState(() => localText(announcement?.from));
  const [until, setUntil] = useState(() => localText(announcement?.until));
  const [dismissible, setDismissible] = useState(announcement?.dismissible ?? true);
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: saveAnnouncement,
    onSuccess: async () => {
      toast.success(t("common.saved"));
      onClose();
      await Promise.all(
        [allAnnouncementsQuery, announcementsQuery].map(({ queryKey }) =>
          queries.invalidateQueries({ queryKey }),
        ),
      );
    },
  });
  const backwards = from !== "" && until !== "" && from >= until;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!text.trim() || backwards || save.isPending) return;
    const draft = { text, level, from: momentOf(from), until: momentOf(until), dismissible };
    save.mutate({ id: announcement?.id, key, draft });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(announcement ? "admin.announcements.edit" : "admin.announcements.new")}
      description={announcement ? t("admin.announcements.again") : undefined}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {save.error && (
          <ErrorNotice error={save.error}>
            {Object.values(asApiError(save.error).fields).map(problemText).join(" ")}
          </ErrorNotice>
        )}
        <div>
          <TextArea
            label={t("admin.announcements.text")}
            rows={3}
            maxLength={500}
            value={text}
            aria-invalid={tried && !text.trim() ? true : undefined}
            onChange={(event) => setText(event.target.value)}
          />
          {tried && !text.trim() && (
            <p role="alert" className="mt-1.5 text-bad text-xs">
              {t("admin.announcements.textMissing")}
            </p>
          )}
        </div>
        <Select
          label={t("admin.announcements.level")}
          value={level}
          onChange={(event) => setLevel(event.target.value as AnnouncementLevel)}
          options={levels.map((value) => ({ value, label: t(`announcements.levels.${value}`) }))}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label={t("admin.announcements.from")}
            hint={t("admin.announcements.fromHint")}
            type="datetime-local"
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
          <Field
            label={t("admin.announcements.until")}
            hint={t("admin.announcements.untilHint")}
            error={backwards ? t("admin.announcements.backwards") : undefined}
            type="datetime-local"
            value={until}
            onChange={(event) => setUntil(event.target.value)}
          />
        </div>
        <label className="flex items-center gap-2.5">
          <input
            type="checkbox"
            checked={dismissible}
            onChange={(event) => setDismissible(event.target.checked)}
          />
          {t("admin.announcements.dismissible")}
        </label>
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" pending={save.isPending}>
            {t("common.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
