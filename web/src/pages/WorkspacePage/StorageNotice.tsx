import { useQuery } from "@tanstack/react-query";
import { HardDrive } from "lucide-react";
import { usageQuery } from "@/api/queries/usage";
import type { WorkspaceStatus } from "@/api/types";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { formatBytes, toNumber } from "@/lib/format";
import { nearlyFull } from "./storage";

/** Says why programs can't write any more, before they say it themselves. */
export function StorageNotice({ status }: { status: WorkspaceStatus }) {
  const { t } = useTranslation();
  const running = status === "running";
  const { data } = useQuery({ ...usageQuery, enabled: running, refetchInterval: 60_000 });
  if (!running || !data || !nearlyFull(data.storageBytes)) return null;
  const { used, limit } = data.storageBytes;
  return (
    <Notice kind="warning" icon={HardDrive} announce className="m-2">
      {t("workspace.storageFull", {
        used: formatBytes(toNumber(used)),
        limit: formatBytes(toNumber(limit)),
      })}
    </Notice>
  );
}
