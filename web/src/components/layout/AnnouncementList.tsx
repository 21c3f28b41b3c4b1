import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, Info, TriangleAlert, X } from "lucide-react";
import { announcementsQuery, dismissAnnouncement } from "@/api/queries/announcements";
import type { Announcement } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";

const levels = {
  info: { icon: Info, className: "bg-accent-soft text-accent-ink" },
  warning: { icon: TriangleAlert, className: "bg-busy-soft text-busy" },
  critical: { icon: CircleAlert, className: "border-bad-line bg-bad-soft text-bad" },
};

/** What administrators have to say to everybody, above every page. */
export function AnnouncementList({ announcements }: { announcements: Announcement[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const dismiss = useMutation({
    mutationFn: dismissAnnouncement,
    onMutate: (id) =>
      queries.setQueryData(announcementsQuery.queryKey, (now) =>
        now?.filter((one) => one.id !== id),
      ),
    onError: (error) => {
      toast.error(errorText(error));
      void queries.invalidateQueries({ queryKey: announcementsQuery.queryKey });
    },
  });
  return (
    <section aria-label={t("announcements.label")} className="shrink-0">
      {announcements.map(({ id, level, text, dismissible }) => {
        const { icon: Icon, className } = levels[level];
        return (
          <div
            key={id}
            className={cn("flex items-start gap-2.5 border-b px-4 py-2 text-sm", className)}
          >
            <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
            <p className="min-w-0 grow whitespace-pre-line break-words">
              <span className="sr-only">{t(`announcements.levels.${level}`)}: </span>
              {text}
            </p>
            {dismissible && (
              <IconButton
                small
                label={t("announcements.dismiss")}
                className="-my-1 text-current"
                onClick={() => dismiss.mutate(id)}
              >
                <X />
              </IconButton>
            )}
          </div>
        );
      })}
    </section>
  );
}
