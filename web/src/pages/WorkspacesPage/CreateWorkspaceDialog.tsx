import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { hasReason } from "@/api/errors";
import { uploadArchive } from "@/api/queries/archive";
import { actOnWorkspace, createWorkspace, workspacesKey } from "@/api/queries/workspaces";
import type { Template } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { archiveTypes, UploadProgress } from "@/components/workspace/UploadProgress";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import "@/i18n/tools";
import { showFieldErrors } from "@/lib/forms";
import { toast } from "@/lib/toast";
import { z } from "@/lib/zod";
import { TemplateChoice } from "./TemplateChoice";

type Props = { templates: Template[]; onClose: () => void };
type Values = { name: string; template: string; gitUrl: string };

// The contract's own rule for names.
const namePattern = /^[\p{L}\p{N}]([\p{L}\p{N} ._-]{0,62}[\p{L}\p{N}._-])?$/u;

/** What is uploaded can be uploaded again: a failure is told, and the workspace stays. */
async function fill(id: string, archive: File, onSent: (bytes: number) => void) {
  try {
    await uploadArchive(id, "", archive, onSent, new AbortController().signal);
  } catch (cause) {
    toast.error(errorText(cause));
  }
}

export function CreateWorkspaceDialog({ templates, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [archive, setArchive] = useState<File>();
  const [sent, setSent] = useState(0);
  const form = useForm<Values>({
    resolver: zodResolver(
      z.object({
        name: z.string().check(z.trim(), z.regex(namePattern, t("ide.nameInvalid"))),
        template: z.string(),
        gitUrl: z.string(),
      }),
    ),
    defaultValues: { name: "", template: templates[0]?.id ?? "", gitUrl: "" },
  });
  const create = useMutation({
    mutationFn: async ({ gitUrl, ...values }: Values) => {
      const workspace = await createWorkspace(
        values.template === "git" ? { ...values, gitUrl: gitUrl.trim() } : values,
      );
      if (values.template === "upload" && archive) await fill(workspace.id, archive, setSent);
      // Whoever creates one wants to be in it. If it can't start, its page says why.
      await actOnWorkspace(workspace.id, "start").catch(() => undefined);
      return workspace;
    },
    onSuccess: async ({ id }) => {
      void queries.invalidateQueries({ queryKey: workspacesKey });
      await navigate({ to: "/ide/workspace/$workspaceId", params: { workspaceId: id } });
    },
  });
  const taken = hasReason(create.error, "WORKSPACE_EXISTS");
  useEffect(() => {
    if (taken) form.setError("name", { message: t("ide.nameTaken") }, { shouldFocus: true });
    else if (create.error) showFieldErrors(form, ["name", "template", "gitUrl"], create.error);
  }, [create.error, taken, form, t]);

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("ide.createTitle")}
      description={t("ide.createLead")}
    >
      <form
        noValidate
        onSubmit={form.handleSubmit((values) => create.mutate(values))}
        className="flex flex-col gap-5"
      >
        {create.error && !taken && <ErrorNotice error={create.error} />}
        <Field
          label={t("ide.name")}
          placeholder={t("ide.namePlaceholder")}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          error={form.formState.errors.name?.message}
          {...form.register("name")}
        />
        {templates.length > 1 && (
          <TemplateChoice
            templates={templates}
            value={form.watch("template")}
            onChange={(template) => form.setValue("template", template)}
          />
        )}
        {form.watch("template") === "git" && (
          <Field
            label={t("create.gitUrl")}
            hint={t("create.gitHint")}
            placeholder="https://example.com/project.git"
            type="url"
            autoComplete="off"
            maxLength={1024}
            error={form.formState.errors.gitUrl?.message}
            {...form.register("gitUrl")}
          />
        )}
        {form.watch("template") === "upload" && (
          <Field
            label={t("archive.file")}
            hint={t("create.archiveHint")}
            type="file"
            accept={archiveTypes}
            onChange={(event) => setArchive(event.target.files?.[0])}
          />
        )}
        {create.isPending && archive && sent > 0 && (
          <UploadProgress sent={sent} size={archive.size} />
        )}
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" pending={create.isPending}>
            {t("ide.createAction")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
