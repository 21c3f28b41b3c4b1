import type { WorkspaceStatus } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";

const looks: Record<WorkspaceStatus, string> = {
  running: "bg-ok-soft text-ok",
  starting: "bg-busy-soft text-busy",
  stopping: "bg-busy-soft text-busy",
  stopped: "bg-hover text-ink-soft",
  error: "bg-bad-soft text-bad",
};

/** A workspace's status, in words and in colour. */
export function StatusBadge({ status }: { status: WorkspaceStatus }) {
  const { t } = useTranslation();
  const changing = status === "starting" || status === "stopping";
  return (
    <span
      className={cn(
        "inline-flex h-6 shrink-0 items-center gap-1.5 rounded-full px-2.5 font-[560] text-xs",
        looks[status],
      )}
    >
      <span
        aria-hidden
        className={cn(
          "size-1.5 rounded-full",
          status === "stopped" ? "border border-current" : "bg-current",
          changing && "animate-pulse-soft",
        )}
      />
      {t(`ide.status.${status}`)}
    </span>
  );
}
