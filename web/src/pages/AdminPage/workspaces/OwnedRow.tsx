import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Square } from "lucide-react";
import { userQuery } from "@/api/queries/admin/users";
import {
  allWorkspacesKey,
  type OwnedWorkspace,
  stopAnyWorkspace,
} from "@/api/queries/admin/workspaces";
import { Button } from "@/components/ui/Button";
import { Cell, Row } from "@/components/ui/Table";
import { bytesOf, coresOf } from "@/components/workspace/gauges";
import { Isolation } from "@/components/workspace/Isolation";
import { reasonOf } from "@/components/workspace/reason";
import { StatusBadge } from "@/components/workspace/StatusBadge";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { timeAgo } from "@/lib/time";
import { toast } from "@/lib/toast";

/** One workspace, with what keeps it as it is. */
export function OwnedRow({ owned: { workspace, userId, cpu, memory } }: { owned: OwnedWorkspace }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const owner = useQuery({ ...userQuery(userId), retry: false, staleTime: 60_000 });
  const { id, name, status, autostopAt } = workspace;
  const stop = useMutation({
    mutationFn: () => stopAnyWorkspace(id),
    onSuccess: () => {
      toast.message(t("admin.workspaces.stopped", { name }));
      void queries.invalidateQueries({ queryKey: allWorkspacesKey });
    },
    onError: (error) => toast.error(errorText(error)),
  });
  const running = status === "running";
  return (
    <Row>
      <Cell>
        <div className="min-w-0">
          <span className="font-[560]">{name}</span>
          <p className="text-ink-faint text-xs">
            {reasonOf(t, workspace)}
            {running && autostopAt && ` ${t("ide.autostop", { time: timeAgo(autostopAt) })}`}
          </p>
        </div>
      </Cell>
      <Cell name={t("admin.workspaces.owner")}>
        <Link to="/admin/users" search={{ user: userId }} className="hover:underline">
          {owner.data?.username ?? userId}
        </Link>
      </Cell>
      <Cell name={t("admin.workspaces.status")}>
        <StatusBadge status={status} />
      </Cell>
      <Cell name={t("admin.workspaces.isolation")} className="text-ink-soft">
        <Isolation isolation={workspace.isolation} />
      </Cell>
      <Cell
        name={t("admin.workspaces.processor")}
        className="whitespace-nowrap text-ink-soft tabular-nums"
      >
        {running && coresOf(cpu)}
      </Cell>
      <Cell
        name={t("admin.workspaces.memory")}
        className="whitespace-nowrap text-ink-soft tabular-nums"
      >
        {running && bytesOf(memory)}
      </Cell>
      <Cell>
        {(running || status === "starting") && (
          <Button
            aria-label={t("ide.stopNamed", { name })}
            pending={stop.isPending}
            onClick={() => stop.mutate()}
          >
            <Square aria-hidden /> {t("ide.stop")}
          </Button>
        )}
      </Cell>
    </Row>
  );
}
