import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { hasReason } from "@/api/errors";
import { readFile, writeFile } from "@/api/queries/files";
import { actOnWorkspace, workspacesQuery } from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import type { Code } from "@/components/markdown/CodeTools";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { isBadPath, suggestName } from "./fileName";
import { firstChange, lineOf } from "./place";
import { useOpenAt } from "./useOpenAt";

type Props = Code & { onClose: () => void };

/** Asks for a workspace and a name, writes the code there and opens it in the editor. */
export function OpenDialog({ code, language, onClose }: Props) {
  const { t } = useTranslation();
  const workspaces = useQuery(workspacesQuery);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("chat.code.open")}
      description={t("chat.code.lead")}
    >
      {workspaces.isPending && (
        <Loading className="flex flex-col gap-3">
          <Skeleton className="h-10 w-full" />
          <Skeleton className="h-10 w-full" />
        </Loading>
      )}
      {workspaces.error && <ErrorNotice error={workspaces.error} onRetry={workspaces.refetch} />}
      {workspaces.data?.length === 0 && (
        <>
          <p className="text-ink-soft">{t("chat.code.noWorkspace")}</p>
          <DialogActions>
            <Button asChild variant="primary">
              <Link to="/ide">{t("chat.code.makeWorkspace")}</Link>
            </Button>
          </DialogActions>
        </>
      )}
      {workspaces.data && workspaces.data.length > 0 && (
        <OpenForm code={code} language={language} workspaces={workspaces.data} onClose={onClose} />
      )}
    </Dialog>
  );
}

type Way = "write" | "replace" | "open";

function OpenForm({ code, language, workspaces, onClose }: Props & { workspaces: Workspace[] }) {
  const { t } = useTranslation();
  const openAt = useOpenAt();
  const [workspaceId, setWorkspaceId] = useState(usual(workspaces)?.id ?? "");
  const [path, setPath] = useState(() => suggestName({ code, language }));
  const bad = isBadPath(path.trim());
  const write = useMutation({
    mutationFn: async (way: Way) => {
      const file = path.trim();
      const text = `${code}\n`;
      const before = way === "write" ? "" : await readFile(workspaceId, file);
      if (way !== "open")
        await writeFile(workspaceId, file, text, { overwrite: way === "replace" });
      // The page of the workspace shows how the start goes, and what hinders it.
      if (rests(workspaces, workspaceId)) await actOnWorkspace(workspaceId, "start").catch(() => 0);
      return { file, line: way === "open" ? lineOf(before, code) : firstChange(before, text) };
    },
    onSuccess: async (place) => {
      onClose();
      const workspace = workspaces.find(({ id }) => id === workspaceId);
      if (workspace) await openAt(workspace, place);
    },
  });
  const exists = hasReason(write.error, "FILE_CHANGED");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!bad && !write.isPending) write.mutate(exists ? "replace" : "write");
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {write.error && !exists && <ErrorNotice error={write.error} />}
      <Select
        label={t("chat.code.workspace")}
        options={workspaces.map(({ id, name, status }) => ({
          value: id,
          label: `${name} · ${t(`ide.status.${status}`)}`,
        }))}
        value={workspaceId}
        onChange={(event) => {
          setWorkspaceId(event.target.value);
          write.reset();
        }}
      />
      <Field
        label={t("chat.code.path")}
        value={path}
        maxLength={500}
        spellCheck={false}
        error={exists ? t("chat.code.exists") : bad && path ? t("chat.code.badPath") : undefined}
        inputClassName="font-mono"
        onChange={(event) => {
          setPath(event.target.value);
          write.reset();
        }}
      />
      <DialogActions>
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        {exists && (
          <Button disabled={write.isPending} onClick={() => write.mutate("open")}>
            {t("chat.code.asItIs")}
          </Button>
        )}
        <Button type="submit" variant="primary" disabled={bad} pending={write.isPending}>
          {exists ? t("chat.code.replace") : t("chat.code.write")}
        </Button>
      </DialogActions>
    </form>
  );
}

function rests(workspaces: Workspace[], id: string): boolean {
  return workspaces.some((one) => one.id === id && one.status === "stopped");
}

/** The workspace that is likely meant: one that runs, else the one used last. */
function usual(workspaces: Workspace[]): Workspace | undefined {
  const used = (one: Workspace) => one.lastAccessed ?? one.createdAt;
  const newest = workspaces.toSorted((a, b) => used(b).localeCompare(used(a)));
  return newest.find((one) => one.status === "running") ?? newest[0];
}
