import { useEffect, useState } from "react";
import { OfflineBanner } from "@/components/layout/OfflineBanner";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { TextArea } from "@/components/ui/TextArea";
import { useTranslation } from "@/i18n/useTranslation";
import { type Draft, readDrafts, writeDraft } from "@/lib/drafts";

const reload = () => window.location.reload();

/** Shown where the platform can't be reached: what was begun is there, and can go on. */
export function OfflinePage() {
  const { t } = useTranslation();
  const [drafts] = useState(readDrafts);
  useEffect(() => {
    window.addEventListener("online", reload);
    return () => window.removeEventListener("online", reload);
  }, []);
  return (
    <>
      <OfflineBanner />
      <main className="mx-auto flex w-full max-w-2xl flex-col gap-4 px-6 py-16">
        <PageTitle title={t("offline.title")} />
        <h1 className="text-xl">{t("offline.title")}</h1>
        <p className="text-ink-soft">{t("offline.body")}</p>
        <Button variant="primary" className="self-start" onClick={reload}>
          {t("common.retry")}
        </Button>
        {drafts.length > 0 && (
          <section className="mt-6 flex flex-col gap-4">
            <h2 className="text-lg">{t("offline.drafts")}</h2>
            {drafts.map((draft) => (
              <DraftField key={draft.id} draft={draft} />
            ))}
          </section>
        )}
      </main>
    </>
  );
}

function DraftField({ draft: { id, text } }: { draft: Draft }) {
  const { t } = useTranslation();
  const where = id === "new" ? "new" : id.startsWith("workspace-") ? "workspace" : "conversation";
  return (
    <TextArea
      label={t(`offline.${where}`)}
      rows={4}
      dir="auto"
      defaultValue={text}
      onChange={(event) => writeDraft(id, event.target.value)}
    />
  );
}
