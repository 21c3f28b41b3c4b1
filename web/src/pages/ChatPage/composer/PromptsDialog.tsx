import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { deletePrompt, type PromptText, promptsQuery, savePrompt } from "@/api/queries/prompts";
import type { Prompt } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { IconButton } from "@/components/ui/IconButton";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { TextArea } from "@/components/ui/TextArea";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";

/** The user's own prompts: made, changed and taken away here, used with "/" in the composer. */
export function PromptsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const prompts = useQuery(promptsQuery);
  const [editing, setEditing] = useState<Prompt | "new" | null>(null);
  const close = () => setEditing(null);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("chat.prompts.title")}
      description={t("chat.prompts.lead")}
    >
      {editing ? (
        <PromptForm
          key={editing === "new" ? "new" : editing.id}
          prompt={editing === "new" ? undefined : editing}
          onDone={close}
        />
      ) : (
        <>
          {prompts.isPending && (
            <Loading className="flex flex-col gap-3">
              <Skeleton className="h-5 w-2/3" />
              <Skeleton className="h-5 w-1/2" />
            </Loading>
          )}
          {prompts.error && <ErrorNotice error={prompts.error} onRetry={prompts.refetch} />}
          {prompts.data?.length === 0 && <p className="text-ink-soft">{t("chat.prompts.none")}</p>}
          <ul>
            {prompts.data?.map((prompt) => (
              <PromptRow key={prompt.id} prompt={prompt} onEdit={() => setEditing(prompt)} />
            ))}
          </ul>
          <DialogActions>
            <Button variant="primary" onClick={() => setEditing("new")}>
              <Plus aria-hidden /> {t("chat.prompts.new")}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}

function PromptRow({ prompt, onEdit }: { prompt: Prompt; onEdit: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: promptsQuery.queryKey });
  const restore = useMutation({
    mutationFn: () => savePrompt({ title: prompt.title, content: prompt.content }),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () => deletePrompt(prompt.id),
    onSuccess: () =>
      toast.message(t("chat.prompts.deleted"), {
        action: { label: t("common.undo"), onClick: () => restore.mutate() },
      }),
    onError: (error) => toast.error(errorText(error)),
    onSettled: refresh,
  });
  const { title, content } = prompt;
  return (
    <li className="flex items-center gap-1 border-b py-2 last:border-b-0">
      <div className="min-w-0 grow">
        <p className="truncate">{title}</p>
        <p className="truncate text-ink-faint text-xs">{content}</p>
      </div>
      <IconButton small label={t("chat.prompts.edit", { title })} onClick={onEdit}>
        <Pencil />
      </IconButton>
      <IconButton
        small
        label={t("chat.prompts.delete", { title })}
        disabled={remove.isPending}
        onClick={() => remove.mutate()}
      >
        <Trash2 />
      </IconButton>
    </li>
  );
}

function PromptForm({ prompt, onDone }: { prompt?: Prompt; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [text, setText] = useState<PromptText>({
    title: prompt?.title ?? "",
    content: prompt?.content ?? "",
  });
  const save = useMutation({
    mutationFn: () => savePrompt({ ...text, title: text.title.trim() }, prompt?.id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: promptsQuery.queryKey });
      onDone();
    },
  });
  const whole = text.title.trim() !== "" && text.content.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (whole && !save.isPending) save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {save.error && <ErrorNotice error={save.error} />}
      <Field
        autoFocus
        label={t("chat.prompts.name")}
        hint={t("chat.prompts.nameHint")}
        maxLength={100}
        value={text.title}
        onChange={(event) => setText({ ...text, title: event.target.value })}
      />
      <TextArea
        label={t("chat.prompts.text")}
        rows={6}
        maxLength={20_000}
        value={text.content}
        onChange={(event) => setText({ ...text, content: event.target.value })}
      />
      <DialogActions>
        <Button onClick={onDone}>{t("common.cancel")}</Button>
        <Button type="submit" variant="primary" disabled={!whole} pending={save.isPending}>
          {t("common.save")}
        </Button>
      </DialogActions>
    </form>
  );
}
