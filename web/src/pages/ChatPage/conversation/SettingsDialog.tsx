import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import {
  changeConversation,
  conversationsKey,
  updateConversation,
} from "@/api/queries/conversations";
import { modelsQuery } from "@/api/queries/models";
import type { Conversation } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Select } from "@/components/ui/Select";
import { TextArea } from "@/components/ui/TextArea";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";

type Props = { conversation: Conversation; onClose: () => void };

/** Which model answers in this conversation, and what it is told before everything else. */
export function SettingsDialog({ conversation, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: models = [] } = useQuery(modelsQuery);
  const [model, setModel] = useState(conversation.model);
  const [systemPrompt, setSystemPrompt] = useState(conversation.systemPrompt);
  const save = useMutation({
    mutationFn: () => updateConversation(conversation.id, { model, systemPrompt }),
    onSuccess: (changed) => {
      changeConversation(queries, conversation.id, (one) => ({ ...one, ...changed }));
      void queries.invalidateQueries({ queryKey: conversationsKey });
      toast.success(t("common.saved"));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  const options = [
    { value: "", label: t("chat.settings.defaultModel") },
    ...models.map(({ id, displayName }) => ({ value: id, label: displayName })),
  ];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("chat.settings.title")}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {save.error && <ErrorNotice error={save.error} />}
        <Select
          label={t("chat.model.label")}
          options={options}
          value={model}
          onChange={(event) => setModel(event.target.value)}
        />
        <TextArea
          label={t("chat.settings.systemPrompt")}
          hint={t("chat.settings.systemPromptHint")}
          placeholder={t("chat.settings.systemPromptExample")}
          rows={6}
          maxLength={30_000}
          value={systemPrompt}
          onChange={(event) => setSystemPrompt(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" pending={save.isPending}>
            {t("common.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
