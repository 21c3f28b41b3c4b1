import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { editorSettingsQuery, putEditorSettings } from "@/api/queries/editorSettings";
import type { EditorChoices } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";
import { bounds, choicesOf, selects, textsOf, wrong } from "./choices";

export function EditorForm({ choices }: { choices: EditorChoices }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [before] = useState(() => textsOf(choices));
  const [texts, setTexts] = useState(before);
  const save = useMutation({
    mutationFn: putEditorSettings,
    onSuccess: (saved) => {
      queries.setQueryData(editorSettingsQuery.queryKey, saved);
      toast.success(t("settings.editor.saved"));
    },
  });
  const faults = wrong(texts);
  const changed = JSON.stringify(texts) !== JSON.stringify(before);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (faults.length === 0 && !save.isPending) save.mutate(choicesOf(texts));
  };
  return (
    <form noValidate onSubmit={submit} className="max-w-2xl">
      {save.error && <ErrorNotice error={save.error} className="mb-4" />}
      <div className="grid items-start gap-4 sm:grid-cols-2">
        {Object.entries(bounds).map(([name, [least, most]]) => {
          const field = name as keyof typeof bounds;
          return (
            <Field
              key={field}
              label={t(`settings.editor.${field}`)}
              inputMode="numeric"
              autoComplete="off"
              placeholder={t("settings.editor.own")}
              value={texts[field]}
              error={
                faults.includes(field) ? t("settings.editor.bounds", { least, most }) : undefined
              }
              onChange={(event) => setTexts({ ...texts, [field]: event.target.value })}
            />
          );
        })}
        {Object.entries(selects).map(([name, values]) => {
          const field = name as keyof typeof selects;
          return (
            <Select
              key={field}
              label={t(`settings.editor.${field}`)}
              value={texts[field]}
              onChange={(event) => setTexts({ ...texts, [field]: event.target.value })}
              options={[
                { value: "", label: t("settings.editor.own") },
                ...values.map((value) => ({
                  value,
                  label: t(`settings.editor.values.${value}`),
                })),
              ]}
            />
          );
        })}
      </div>
      <Button
        type="submit"
        variant="primary"
        className="mt-5"
        disabled={!changed || faults.length > 0}
        pending={save.isPending}
      >
        {t("common.save")}
      </Button>
    </form>
  );
}
