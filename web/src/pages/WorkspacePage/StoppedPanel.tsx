import { Link } from "@tanstack/react-router";
import { Play } from "lucide-react";
import type { Workspace } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Isolation } from "@/components/workspace/Isolation";
import { reasonOf } from "@/components/workspace/reason";
import { useTranslation } from "@/i18n/useTranslation";
import { Centered } from "./Centered";

type Props = { workspace: Workspace; wasOpen: boolean; locked: boolean; onStart: () => void };

export function StoppedPanel({ workspace, wasOpen, locked, onStart }: Props) {
  const { t } = useTranslation();
  const reason = reasonOf(t, workspace);
  return (
    <Centered>
      <h2 className="text-xl">{t("workspace.stoppedTitle", { name: workspace.name })}</h2>
      {wasOpen && (
        <p role="status" className="mt-2">
          {t("workspace.stoppedWhileOpen")}
        </p>
      )}
      {reason && <p className="mt-2 text-ink-soft">{reason}</p>}
      <p className="mt-2 text-ink-soft">{t("workspace.stoppedBody")}</p>
      <p className="mt-4 text-ink-soft">
        <Isolation isolation={workspace.isolation} />
      </p>
      <div className="mt-6 flex gap-2">
        <Button variant="primary" size="lg" disabled={locked} onClick={onStart}>
          <Play aria-hidden /> {t("ide.start")}
        </Button>
        <Button asChild variant="ghost" size="lg">
          <Link to="/ide">{t("workspace.back")}</Link>
        </Button>
      </div>
    </Centered>
  );
}
