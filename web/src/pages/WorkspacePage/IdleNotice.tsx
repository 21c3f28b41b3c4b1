import { Moon } from "lucide-react";
import type { Workspace } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { formatClock } from "@/lib/time";
import { stopsSoon } from "./idle";

type Props = { workspace: Workspace; locked: boolean; onExtend: () => void };

/** Says in time that an idle workspace is about to stop, and how to keep it. */
export function IdleNotice({ workspace, locked, onExtend }: Props) {
  const { t } = useTranslation();
  const { status, autostopAt } = workspace;
  if (status !== "running" || !autostopAt || !stopsSoon(autostopAt)) return null;
  return (
    <Notice kind="warning" icon={Moon} announce className="m-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="grow">{t("workspace.stopsSoon", { time: formatClock(autostopAt) })}</span>
        <Button disabled={locked} onClick={onExtend}>
          {t("ide.extend")}
        </Button>
      </div>
    </Notice>
  );
}
