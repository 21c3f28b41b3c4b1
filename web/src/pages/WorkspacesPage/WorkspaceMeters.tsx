import { useQuery } from "@tanstack/react-query";
import { statsQuery } from "@/api/queries/workspaces";
import type { WorkspaceGauge } from "@/api/types";
import { Meter } from "@/components/ui/Meter";
import { bytesOf, coresOf } from "@/components/workspace/gauges";
import { useTranslation } from "@/i18n/useTranslation";
import { toNumber } from "@/lib/format";

/** What a running workspace uses, against what it may; as high before it is known. */
export function WorkspaceMeters({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(statsQuery(id));
  const shown = [
    { label: t("ide.stats.cpu"), gauge: data?.cpu, format: coresOf },
    { label: t("ide.stats.memory"), gauge: data?.memory, format: bytesOf },
    { label: t("ide.stats.storage"), gauge: data?.storage, format: bytesOf },
  ];
  return (
    <div className="mt-3 grid grid-cols-3 gap-3">
      {shown.map((one) => (
        <Figure key={one.label} {...one} />
      ))}
    </div>
  );
}

type Props = { label: string; gauge?: WorkspaceGauge; format: (gauge: WorkspaceGauge) => string };

function Figure({ label, gauge, format }: Props) {
  const text = gauge ? format(gauge) : "–";
  return (
    <div className="min-w-0 text-xs">
      <p className="truncate text-ink-faint">{label}</p>
      <Meter
        label={`${label}: ${text}`}
        value={toNumber(gauge?.used)}
        limit={gauge ? toNumber(gauge.limit) : -1}
        className="mt-1"
      />
      <p className="mt-1 text-ink-soft tabular-nums" dir="ltr">
        {text}
      </p>
    </div>
  );
}
