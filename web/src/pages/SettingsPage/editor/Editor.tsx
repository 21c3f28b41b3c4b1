import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { editorSettingsQuery } from "@/api/queries/editorSettings";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { FormSkeleton } from "../FormSkeleton";
import { Section } from "../Section";

// It is far down the page, and not what most come for.
const EditorForm = lazy(() =>
  import("./EditorForm").then((module) => ({ default: module.EditorForm })),
);

/** What VS Code is to be like in every workspace. */
export function Editor() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(editorSettingsQuery);
  const skeleton = (
    <FormSkeleton fields={9} className="h-[742px] max-w-2xl sm:h-[462px] sm:grid-cols-2" />
  );
  return (
    <Section id="editor" lead={t("settings.editor.lead")}>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!error && !data && skeleton}
      {data && (
        <Suspense fallback={skeleton}>
          <EditorForm key={String(data.revision)} choices={data.choices} />
        </Suspense>
      )}
    </Section>
  );
}
