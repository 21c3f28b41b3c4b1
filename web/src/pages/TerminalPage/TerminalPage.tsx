import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { Code, Play } from "lucide-react";
import { lazy, Suspense, useCallback, useRef, useState } from "react";
import { isNotFound } from "@/api/errors";
import { isChanging, workspaceQuery } from "@/api/queries/workspaces";
import { AppShell } from "@/components/layout/AppShell";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { StatusBadge } from "@/components/workspace/StatusBadge";
import { useWorkspaceAction } from "@/components/workspace/useWorkspaceAction";
import { useTranslation } from "@/i18n/useTranslation";
import "@/i18n/tools";
import { NotFoundPage } from "@/pages/NotFoundPage";
import type { ConnectionState } from "./connection";
import { Keys } from "./Keys";
import type { ScreenHandle } from "./Screen";
import { StateNotice } from "./StateNotice";

// The terminal itself is heavy: it comes after the page.
const Screen = lazy(() => import("./Screen").then((module) => ({ default: module.Screen })));

/** A terminal of a workspace, without its editor. */
export function TerminalPage() {
  const { workspaceId } = useParams({ from: "/ide/workspace/$workspaceId/terminal" });
  const { session = "main" } = useSearch({ from: "/ide/workspace/$workspaceId/terminal" });
  const { t } = useTranslation();
  const workspace = useQuery(workspaceQuery(workspaceId));
  const action = useWorkspaceAction(workspaceId);
  const screen = useRef<ScreenHandle>(null);
  const [state, setState] = useState<ConnectionState>({ kind: "connecting" });
  const [attempt, setAttempt] = useState(0);
  const onState = useCallback((next: ConnectionState) => setState(next), []);
  const again = () => {
    setState({ kind: "connecting" });
    setAttempt((was) => was + 1);
  };

  if (isNotFound(workspace.error)) return <NotFoundPage />;
  const { name = "", status } = workspace.data ?? {};
  const header = workspace.data && (
    <>
      <span aria-hidden className="ms-1 h-5 border-s" />
      <h1 className="ms-1 truncate text-sm" title={name}>
        <span className="max-sm:hidden">{t("terminal.title", { name })}</span>
        <span aria-hidden className="sm:hidden">
          {name}
        </span>
        <span className="sr-only sm:hidden">{t("terminal.title", { name })}</span>
      </h1>
      <StatusBadge status={workspace.data.status} />
      <Button asChild variant="ghost" size="sm">
        <Link to="/ide/workspace/$workspaceId" params={{ workspaceId }}>
          <Code aria-hidden /> <span className="hidden sm:inline">{t("terminal.editor")}</span>
          <span className="sr-only sm:hidden">{t("terminal.editor")}</span>
        </Link>
      </Button>
    </>
  );
  return (
    <AppShell fixed narrowNav header={header}>
      <PageTitle title={name && t("terminal.title", { name })} />
      {workspace.error && !workspace.data && (
        <div className="mx-auto w-full max-w-lg p-6">
          <ErrorNotice error={workspace.error} onRetry={() => void workspace.refetch()} />
        </div>
      )}
      {workspace.isPending && (
        <Loading className="m-auto flex w-full max-w-md flex-col gap-3 p-6">
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-4/5" />
        </Loading>
      )}
      {status === "running" && (
        <div className="flex min-h-0 grow flex-col">
          <StateNotice state={state} onAgain={again} />
          <Suspense fallback={<div className="grow bg-code" />}>
            <Screen
              key={`${workspaceId} ${session} ${attempt}`}
              ref={screen}
              workspaceId={workspaceId}
              session={session}
              onState={onState}
            />
          </Suspense>
          <Keys onKey={(text) => screen.current?.type(text)} />
        </div>
      )}
      {status && status !== "running" && (
        <div className="m-auto flex max-w-md flex-col items-start gap-4 p-6">
          <p>{t("terminal.notRunning")}</p>
          <Button
            variant="primary"
            disabled={isChanging(status) || action.isPending}
            onClick={() => action.mutate("start")}
          >
            <Play aria-hidden /> {t("ide.start")}
          </Button>
        </div>
      )}
    </AppShell>
  );
}
