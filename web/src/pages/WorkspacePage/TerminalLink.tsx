import { Link } from "@tanstack/react-router";
import { SquareTerminal } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { MenuItem } from "@/components/ui/Menu";
import "@/i18n/tools";
import { useTranslation } from "@/i18n/useTranslation";

type Props = { workspaceId: string };

/** The way to a terminal without the editor, in a tab of its own. */
export function TerminalLink({ workspaceId }: Props) {
  const { t } = useTranslation();
  return (
    // A small screen needs its room for the name: there it is in the page's menu.
    <Button asChild variant="ghost" size="sm" className="max-sm:hidden">
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

/** The same, in the menu of a small screen. */
export function TerminalItem({ workspaceId }: Props) {
  const { t } = useTranslation();
  return (
    <MenuItem asChild className="sm:hidden">
      <Link to="/ide/workspace/$workspaceId/terminal" params={{ workspaceId }} target="_blank">
        <SquareTerminal aria-hidden /> {t("terminal.open")}
      </Link>
    </MenuItem>
  );
}
