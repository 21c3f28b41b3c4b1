import { useSearch } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { openWorkspace } from "@/api/queries/workspaces";
import type { Workspace } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { Centered } from "./Centered";
import { postTicket } from "./postTicket";

/** Whether VS Code gets a tab of its own, as the gateway wrote into the page. */
export const opensInTab = () =>
  document.querySelector<HTMLMetaElement>('meta[name="atrium-editor"]')?.content === "tab";

/**
 * The way to VS Code where workspaces are on a site of their own: many browsers
 * let a frame of another site keep nothing, and without that the editor doesn't start.
 */
export function EditorTab({ workspace: { id, name } }: { workspace: Workspace }) {
  const place = useSearch({ from: "/ide/workspace/$workspaceId" });
  const { t } = useTranslation();
  const [error, setError] = useState<unknown>(null);
  const enter = async () => {
    setError(null);
    try {
      postTicket(await openWorkspace(id), "_blank", place);
    } catch (cause) {
      setError(cause);
    }
  };
  return (
    <Centered>
      <h2 className="text-xl">{t("workspace.tabTitle", { name })}</h2>
      <p className="mt-2 text-ink-soft">{t("workspace.tabBody")}</p>
      {error !== null && <ErrorNotice title={t("workspace.openFailed")} error={error} />}
      <div className="mt-6">
        <Button variant="primary" size="lg" onClick={() => void enter()}>
          <ExternalLink aria-hidden /> {t("workspace.tabOpen")}
        </Button>
      </div>
    </Centered>
  );
}
