import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { openWorkspace } from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { frameNameOf } from "@/lib/editorFrame";
import { postTicket } from "./postTicket";
import { useShortcutInFrame } from "./useShortcutInFrame";

type State = "opening" | "loading" | "open";

type Props = { workspace: Workspace; onChat: () => void };
type Place = { file?: string; line?: number };

/** VS Code, on the workspace's own origin, let in with a ticket. */
export function EditorFrame({ workspace: { id, name }, onChat }: Props) {
  const { file, line } = useSearch({ from: "/ide/workspace/$workspaceId" });
  const navigate = useNavigate();
  const { t } = useTranslation();
  const frame = useRef<HTMLIFrameElement>(null);
  const entered = useRef<string>(undefined);
  const [state, setState] = useState<State>("opening");
  const [error, setError] = useState<unknown>(null);
  const [origin, setOrigin] = useState<string>();
  useShortcutInFrame(frame, origin, onChat);

  const enter = useCallback(
    async (place: Place = {}) => {
      setError(null);
      setState("opening");
      try {
        const opened = await openWorkspace(id);
        if (!frame.current) return;
        setOrigin(new URL(opened.url).origin);
        setState("loading");
        postTicket(opened, frame.current.name, place);
      } catch (cause) {
        setError(cause);
      }
    },
    [id],
  );

  useEffect(() => {
    if (file === undefined && entered.current === id) return;
    entered.current = id;
    void enter({ file, line });
    // It is opened once: a reload of the page leaves the editor as it was.
    if (file === undefined) return;
    const params = { workspaceId: id };
    const search = ({ conversation }: { conversation?: string }) => ({ conversation });
    void navigate({ to: "/ide/workspace/$workspaceId", params, search, replace: true });
  }, [id, file, line, enter, navigate]);

  return (
    <div className="relative flex min-h-0 grow">
      <iframe
        ref={frame}
        name={frameNameOf(id)}
        title={t("workspace.frame", { name })}
        allow="clipboard-read; clipboard-write"
        onLoad={() => setState((now) => (now === "loading" ? "open" : now))}
        className="w-full grow border-0 bg-surface"
      />
      {state !== "open" && (
        <div className="absolute inset-0 bg-surface">
          {error ? (
            <div className="mx-auto max-w-lg p-6">
              <ErrorNotice
                title={t("workspace.openFailed")}
                error={error}
                onRetry={() => void enter()}
              />
            </div>
          ) : (
            <EditorSkeleton label={t("workspace.opening")} />
          )}
        </div>
      )}
    </div>
  );
}

/** The editor's own outline, so that nothing jumps when it arrives. */
function EditorSkeleton({ label }: { label: string }) {
  return (
    <Loading className="flex h-full">
      <span className="sr-only">{label}</span>
      <div className="flex w-12 flex-col items-center gap-4 border-e bg-sunken py-4">
        {[0, 1, 2, 3].map((icon) => (
          <Skeleton key={icon} className="size-6" />
        ))}
      </div>
      <div className="hidden w-64 flex-col gap-3 border-e bg-sunken p-4 sm:flex">
        {["w-2/3", "w-1/2", "w-3/4", "w-2/5"].map((width) => (
          <Skeleton key={width} className={`h-3.5 ${width}`} />
        ))}
      </div>
    </Loading>
  );
}
