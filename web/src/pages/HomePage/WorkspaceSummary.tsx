import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import type { Workspace } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { StatusBadge } from "@/components/workspace/StatusBadge";
import { useTranslation } from "@/i18n/useTranslation";
import { Panel } from "./Panel";
import { RowsSkeleton } from "./RowsSkeleton";

type Props = { workspaces: Workspace[] | undefined; error: Error | null };

/** As many as there are conversations beside them. */
const shown = 6;

export function WorkspaceSummary({ workspaces, error }: Props) {
  const { t } = useTranslation();
  return (
    <Panel title={t("home.workspaces")} more={{ to: "/ide", label: t("home.allWorkspaces") }}>
      {error && <ErrorNotice error={error} className="mt-3" />}
      {!workspaces && !error && <RowsSkeleton />}
      {workspaces?.length === 0 && (
        <div className="py-4">
          <p className="text-ink-soft">{t("home.noWorkspaces")}</p>
          <Button asChild size="sm" className="mt-3">
            <Link to="/ide">
              <Plus aria-hidden /> {t("home.createWorkspace")}
            </Link>
          </Button>
        </div>
      )}
      <ul>
        {workspaces?.slice(0, shown).map((workspace) => (
          <li key={workspace.id} className="border-b last:border-b-0">
            <Link
              to="/ide/workspace/$workspaceId"
              params={{ workspaceId: workspace.id }}
              className="-mx-2 flex h-10 items-center gap-3 rounded-md px-2 hover:bg-hover"
            >
              <span className="min-w-0 grow truncate">{workspace.name}</span>
              <StatusBadge status={workspace.status} />
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
