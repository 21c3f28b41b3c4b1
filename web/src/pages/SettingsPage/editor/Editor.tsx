import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { editorSettingsQuery } from "@/api/queries/editorSettings";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { Section } from "../Section";

// It is far down the page, and not what most come for.
const EditorForm = lazy(() =>
  import("./EditorForm").then((module) => ({ default: module.EditorForm })),
);

/** What VS Code is to be like in every workspace. */
export function Editor() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(editorSettingsQuery);
  return (
    <Section id="editor" lead={t("settings.editor.lead")}>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!error && !data && <FormSkeleton />}
      {data && (
        <Suspense fallback={<FormSkeleton />}>
          <EditorForm key={String(data.revision)} choices={data.choices} />
        </Suspense>
      )}
    </Section>
  );
}

/** As high as the form. */
function FormSkeleton() {
  return (
    <Loading className="grid h-[742px] max-w-2xl content-start gap-4 sm:h-[462px] sm:grid-cols-2">
      {[0, 1, 2, 3, 4, 5, 6, 7, 8].map((row) => (
        <Skeleton key={row} className="h-[66px]" />
      ))}
    </Loading>
  );
}
