import { Link } from "@tanstack/react-router";
import { SquareTerminal } from "lucide-react";
import { Button } from "@/components/ui/Button";
import "@/i18n/tools";
import { useTranslation } from "@/i18n/useTranslation";

/** The way to a terminal without the editor, in a tab of its own. */
export function TerminalLink({ workspaceId }: { workspaceId: string }) {
  const { t } = useTranslation();
  return (
    <Button asChild variant="ghost" size="sm">
      <Link
        to="/ide/workspace/$workspaceId/terminal"
        params={{ workspaceId }}
        target="_blank"
        aria-label={t("terminal.open")}
      >
        <SquareTerminal aria-hidden />
        <span className="hidden md:inline">{t("terminal.open")}</span>
      </Link>
    </Button>
  );
}
