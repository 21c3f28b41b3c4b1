import { Link } from "@tanstack/react-router";
import { Box, Clock, Play, Square } from "lucide-react";
import { isChanging } from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Isolation } from "@/components/workspace/Isolation";
import { reasonOf } from "@/components/workspace/reason";
import { StatusBadge } from "@/components/workspace/StatusBadge";
import { useWorkspaceAction } from "@/components/workspace/useWorkspaceAction";
import { useTranslation } from "@/i18n/useTranslation";
import { timeAgo } from "@/lib/time";
import { WorkspaceMenu } from "./WorkspaceMenu";
import { WorkspaceMeters } from "./WorkspaceMeters";

type Props = { workspace: Workspace; template: string };

export function WorkspaceCard({ workspace, template }: Props) {
  const { t } = useTranslation();
  const action = useWorkspaceAction(workspace.id);
  const { id, name, status, isolation, lastAccessed, autostopAt } = workspace;
  const reason = reasonOf(t, workspace);
  const locked = isChanging(status) || action.isPending;
  // Opening what is at rest starts it: its page shows how it comes up.
  const idle = !locked && (status === "stopped" || status === "error");
  const running = status === "running" || status === "stopping";
  return (
    <li className="flex flex-col rounded-lg border bg-raised p-4 shadow-raised">
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 grow truncate text-[16px] leading-6" title={name}>
          {name}
        </h2>
        <StatusBadge status={status} />
      </div>
      <dl className="mt-3 flex flex-col gap-1.5 text-ink-soft">
        <Fact label={t("ide.template")}>
          <Box aria-hidden className="size-4 shrink-0 text-ink-faint" />
          <span className="truncate">{template}</span>
        </Fact>
        <Fact label={t("ide.isolation")}>
          <Isolation isolation={isolation} />
        </Fact>
        <Fact label={t("ide.used")}>
          <Clock aria-hidden className="size-4 shrink-0 text-ink-faint" />
          <span>
            {lastAccessed ? t("ide.lastUsed", { time: timeAgo(lastAccessed) }) : t("ide.neverUsed")}
            {status === "running" && autostopAt && (
              <span className="text-ink-faint">
                {" · "}
                {t("ide.autostop", { time: timeAgo(autostopAt) })}
              </span>
            )}
          </span>
        </Fact>
      </dl>
      {status === "running" && (
        <>
          <WorkspaceMeters id={id} />
          {reason && <p className="mt-3 text-ink-faint text-xs">{reason}</p>}
        </>
      )}
      {status === "error" && reason && (
        <p className="mt-3 line-clamp-3 rounded-md bg-bad-soft px-3 py-2 text-bad text-xs">
          {reason}
        </p>
      )}
      <div className="mt-auto flex gap-2 pt-4">
        <Button asChild variant={running ? "primary" : "secondary"}>
          <Link
            to="/ide/workspace/$workspaceId"
            params={{ workspaceId: id }}
            aria-label={t("ide.openNamed", { name })}
            onClick={() => idle && action.mutate("start")}
          >
            {t("ide.open")}
          </Link>
        </Button>
        {running ? (
          <Button
            disabled={locked}
            aria-label={t("ide.stopNamed", { name })}
            onClick={() => action.mutate("stop")}
          >
            <Square aria-hidden /> {t("ide.stop")}
          </Button>
        ) : (
          <Button
            disabled={locked}
            aria-label={t("ide.startNamed", { name })}
            onClick={() => action.mutate("start")}
          >
            <Play aria-hidden /> {t("ide.start")}
          </Button>
        )}
        <span className="grow" />
        <WorkspaceMenu workspace={workspace} locked={locked} onAction={action.mutate} />
      </div>
    </li>
  );
}

function Fact({ label, children }: React.PropsWithChildren<{ label: string }>) {
  return (
    <div>
      <dt className="sr-only">{label}</dt>
      <dd className="flex min-w-0 gap-1.5 [&>svg]:mt-0.5">{children}</dd>
    </div>
  );
}
