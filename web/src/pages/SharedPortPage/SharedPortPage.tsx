import { useMutation } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { openPort } from "@/api/queries/ports";
import { AppShell } from "@/components/layout/AppShell";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import "@/i18n/tools";
import { isNotFound } from "@/api/errors";
import { useTranslation } from "@/i18n/useTranslation";
import { postTicket } from "@/pages/WorkspacePage/postTicket";

/** The way to a port that somebody shares. What it shows is not the platform's, so it takes a click. */
export function SharedPortPage() {
  const { workspaceId, port } = useParams({ from: "/ide/workspace/$workspaceId/port/$port" });
  const { t } = useTranslation();
  const open = useMutation({
    mutationFn: () => openPort(workspaceId, Number(port)),
    onSuccess: (opened) => postTicket(opened, "_self"),
  });
  return (
    <AppShell>
      <PageTitle title={t("share.title", { port })} />
      <div className="mx-auto flex w-full max-w-md flex-col items-start gap-4 px-4 py-12">
        <h1 className="text-xl">{t("share.title", { port })}</h1>
        <p className="text-ink-soft">{t("share.about")}</p>
        {open.error && (
          <ErrorNotice
            error={isNotFound(open.error) ? new Error(t("share.notShared")) : open.error}
          />
        )}
        <Button variant="primary" pending={open.isPending} onClick={() => open.mutate()}>
          <ExternalLink aria-hidden /> {t("share.open")}
        </Button>
      </div>
    </AppShell>
  );
}
