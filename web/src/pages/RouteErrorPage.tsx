import type { ErrorComponentProps } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { hasReason } from "@/api/errors";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";

const OfflinePage = lazy(() =>
  import("./OfflinePage").then((module) => ({ default: module.OfflinePage })),
);

/** The last line: a page failed to load or to render. */
export function RouteErrorPage({ error }: ErrorComponentProps) {
  const { t } = useTranslation();
  if (hasReason(error, "NETWORK")) {
    return (
      <Suspense fallback={null}>
        <OfflinePage />
      </Suspense>
    );
  }
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center gap-4 px-6 py-16">
      <PageTitle title={t("error.pageTitle")} />
      <h1 className="text-xl">{t("error.pageTitle")}</h1>
      <p className="text-ink-soft">{t("error.pageBody")}</p>
      <ErrorNotice error={error} />
      <Button variant="primary" className="self-start" onClick={() => window.location.reload()}>
        {t("error.reload")}
      </Button>
    </main>
  );
}
