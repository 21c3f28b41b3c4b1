import { lazy, Suspense } from "react";
import type { WorkspaceAction } from "@/api/queries/workspaces";
import type { Workspace, WorkspaceEvent } from "@/api/types";
import { AppShell } from "@/components/layout/AppShell";
import { PageTitle } from "@/components/PageTitle";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { EditorFrame } from "./EditorFrame";
import { EditorTab, opensInTab } from "./EditorTab";
import { FailedPanel } from "./FailedPanel";
import { IdleNotice } from "./IdleNotice";
import { StartingPanel } from "./StartingPanel";
import { StoppedPanel } from "./StoppedPanel";
import { StoppingPanel } from "./StoppingPanel";
import { StorageNotice } from "./StorageNotice";
import { useChatPanel } from "./useChatPanel";
import { WorkspaceHeader } from "./WorkspaceHeader";

const ChatPanel = lazy(() =>
  import("./ChatPanel").then((module) => ({ default: module.ChatPanel })),
);

type Props = {
  workspace: Workspace | undefined;
  error: Error | null;
  onReload: () => void;
  events: WorkspaceEvent[];
  /** True when it was running on this page, and no start has followed. */
  wasOpen: boolean;
  locked: boolean;
  onAction: (action: WorkspaceAction) => void;
};

export function WorkspacePageView(props: Props) {
  const { workspace, error, locked, onAction } = props;
  const chat = useChatPanel(workspace?.id ?? "");
  const header = workspace && (
    <WorkspaceHeader
      workspace={workspace}
      locked={locked}
      onAction={onAction}
      chatOpen={chat.open}
      onChat={chat.toggle}
    />
  );
  return (
    <AppShell fixed narrowNav header={header}>
      <PageTitle title={workspace?.name} />
      {error && (
        <div className="mx-auto w-full max-w-lg p-6">
          <ErrorNotice error={error} onRetry={props.onReload} />
        </div>
      )}
      {!workspace && !error && (
        <Loading className="m-auto flex w-full max-w-md flex-col gap-3 p-6">
          <Skeleton className="h-7 w-1/2" />
          <Skeleton className="h-4 w-full" />
          <Skeleton className="h-4 w-4/5" />
        </Loading>
      )}
      {workspace && (
        <IdleNotice workspace={workspace} locked={locked} onExtend={() => onAction("extend")} />
      )}
      {workspace && <StorageNotice status={workspace.status} />}
      {workspace && (
        <div className="relative flex min-h-0 grow">
          <div className="flex min-w-0 grow flex-col">
            <Panel {...props} workspace={workspace} onChat={chat.toggle} />
          </div>
          {chat.open && (
            <Suspense fallback={null}>
              <ChatPanel key={workspace.id} workspaceId={workspace.id} chat={chat} />
            </Suspense>
          )}
        </div>
      )}
    </AppShell>
  );
}

type PanelProps = Props & { workspace: Workspace; onChat: () => void };

function Panel({ workspace, events, wasOpen, locked, onAction, onChat }: PanelProps) {
  const start = () => onAction("start");
  switch (workspace.status) {
    case "running":
      return opensInTab() ? (
        <EditorTab workspace={workspace} />
      ) : (
        <EditorFrame workspace={workspace} onChat={onChat} />
      );
    case "starting":
      return <StartingPanel workspace={workspace} events={events} />;
    case "stopping":
      return <StoppingPanel workspace={workspace} />;
    case "error":
      return <FailedPanel workspace={workspace} events={events} locked={locked} onRetry={start} />;
    case "stopped":
      return (
        <StoppedPanel workspace={workspace} wasOpen={wasOpen} locked={locked} onStart={start} />
      );
  }
}
