import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Template, Workspace } from "@/api/types";
import { AppShell } from "@/components/layout/AppShell";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { EmptyWorkspaces } from "./EmptyWorkspaces";
import { WorkspaceCard } from "./WorkspaceCard";

const CreateWorkspaceDialog = lazy(() =>
  import("./CreateWorkspaceDialog").then((module) => ({ default: module.CreateWorkspaceDialog })),
);

type Props = {
  workspaces: Workspace[] | undefined;
  templates: Template[];
  error: Error | null;
  onReload: () => void;
};

export function WorkspacesPageView({ workspaces, templates, error, onReload }: Props) {
  const { t } = useTranslation();
  const [creating, setCreating] = useState(false);
  const nameOf = (id: string) => templates.find((template) => template.id === id)?.name ?? id;
  return (
    <AppShell>
      <PageTitle title={t("ide.title")} />
      <div className="mx-auto w-full max-w-6xl px-4 py-8 sm:px-8">
        <div className="flex flex-wrap items-end gap-4">
          <div className="min-w-0 grow">
            <h1 className="text-xl">{t("ide.title")}</h1>
            <p className="mt-1 text-ink-soft">{t("ide.lead")}</p>
          </div>
          {workspaces && workspaces.length > 0 && (
            <Button variant="primary" onClick={() => setCreating(true)}>
              <Plus aria-hidden /> {t("ide.create")}
            </Button>
          )}
        </div>
        {error && <ErrorNotice error={error} onRetry={onReload} className="mt-6" />}
        {!workspaces && !error && <CardsSkeleton />}
        {workspaces?.length === 0 && <EmptyWorkspaces onCreate={() => setCreating(true)} />}
        {workspaces && workspaces.length > 0 && (
          <ul className="mt-6 grid grid-cols-[repeat(auto-fill,minmax(min(330px,100%),1fr))] gap-4">
            {workspaces.map((workspace) => (
              <WorkspaceCard
                key={workspace.id}
                workspace={workspace}
                template={nameOf(workspace.template)}
              />
            ))}
          </ul>
        )}
      </div>
      {creating && (
        <Suspense fallback={null}>
          <CreateWorkspaceDialog templates={templates} onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </AppShell>
  );
}

function CardsSkeleton() {
  return (
    <Loading className="mt-6 grid grid-cols-[repeat(auto-fill,minmax(min(330px,100%),1fr))] gap-4">
      {[0, 1, 2].map((card) => (
        <Skeleton key={card} className="h-[196px] rounded-lg" />
      ))}
    </Loading>
  );
}
