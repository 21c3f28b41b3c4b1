import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import type { AuditEntry } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { IconButton } from "@/components/ui/IconButton";
import { Cell, Row } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { formatMoment } from "@/lib/time";
import { AuditDetails } from "./AuditDetails";

type Props = { entry: AuditEntry; columns: number };

export function AuditRow({ entry, columns }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const details = useId();
  const failed = entry.status !== "success";
  return (
    <>
      <Row className={cn("relative", open && "max-md:border-b-0 md:[&>td]:border-b-0")}>
        <Cell
          name={t("admin.audit.time")}
          className="text-ink-soft tabular-nums md:whitespace-nowrap"
        >
          <time dateTime={entry.timestamp}>{formatMoment(entry.timestamp)}</time>
        </Cell>
        <Cell name={t("admin.audit.event")} className="max-md:pe-10">
          <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
            <code className="break-all font-mono text-xs">{entry.eventType}</code>
            {failed && <Badge kind="bad">{entry.error || entry.status}</Badge>}
          </span>
        </Cell>
        <Cell name={t("admin.audit.actor")}>
          {entry.username || (
            <span className="text-ink-faint">
              {t(entry.userId ? "admin.audit.gone" : "admin.audit.nobody")}
            </span>
          )}
        </Cell>
        <Cell name={t("admin.audit.target")}>
          <span className="text-ink-soft">{entry.resourceType || "–"}</span>
        </Cell>
        <Cell name={t("admin.audit.address")} className="font-mono text-ink-soft text-xs">
          {entry.ipAddress || "–"}
        </Cell>
        <Cell className="max-md:absolute max-md:top-2 max-md:end-0 md:w-9">
          <IconButton
            small
            label={t("admin.audit.details")}
            aria-expanded={open}
            aria-controls={open ? details : undefined}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight className={cn("transition-transform", open && "rotate-90")} />
          </IconButton>
        </Cell>
      </Row>
      {open && (
        <Row id={details}>
          <Cell colSpan={columns} className="block! md:table-cell! pb-3">
            <AuditDetails entry={entry} />
          </Cell>
        </Row>
      )}
    </>
  );
}
