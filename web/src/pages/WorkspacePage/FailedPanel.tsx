import { useQuery } from "@tanstack/react-query";
import { CircleAlert, RotateCw } from "lucide-react";
import { logsQuery } from "@/api/queries/workspaces";
import type { Workspace, WorkspaceEvent } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Skeleton } from "@/components/ui/Skeleton";
import { reasonOf } from "@/components/workspace/reason";
import { useTranslation } from "@/i18n/useTranslation";
import { Centered } from "./Centered";
import { StepList } from "./StepList";

type Props = {
  workspace: Workspace;
  events: WorkspaceEvent[];
  locked: boolean;
  onRetry: () => void;
};

/** Why a workspace did not start: the cause, how far it came, the log, another try. */
export function FailedPanel({ workspace, events, locked, onRetry }: Props) {
  const { t } = useTranslation();
  const cause =
    reasonOf(t, workspace) || events.findLast((event) => event.step === "error")?.message;
  return (
    <Centered>
      <div role="alert" className="flex gap-3">
        <CircleAlert aria-hidden className="mt-1 size-6 shrink-0 text-bad" />
        <div className="min-w-0">
          <h2 className="text-xl">{t("workspace.failedTitle", { name: workspace.name })}</h2>
          {cause && <p className="mt-1 break-words">{cause}</p>}
        </div>
      </div>
      <StepList events={events} />
      <Log workspaceId={workspace.id} />
      <Button variant="primary" size="lg" className="mt-6" disabled={locked} onClick={onRetry}>
        <RotateCw aria-hidden /> {t("common.retry")}
      </Button>
    </Centered>
  );
}

function Log({ workspaceId }: { workspaceId: string }) {
  const { t } = useTranslation();
  const logs = useQuery(logsQuery(workspaceId));
  return (
    <section className="mt-6">
      <h3 className="mb-2 text-sm">{t("workspace.log")}</h3>
      {logs.isPending && <Skeleton className="h-32" />}
      {logs.error && <ErrorNotice error={logs.error} />}
      {logs.data && (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the log has to scroll by keyboard too.
          tabIndex={0}
          className="max-h-64 overflow-auto rounded-md border bg-code p-3 font-mono text-xs"
        >
          {logs.data.slice(-100).join("\n") || t("workspace.logEmpty")}
        </pre>
      )}
    </section>
  );
}
