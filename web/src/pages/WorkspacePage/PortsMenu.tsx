import { useQuery } from "@tanstack/react-query";
import { ExternalLink, Network } from "lucide-react";
import { useState } from "react";
import { asApiError } from "@/api/errors";
import { openPort, portsQuery } from "@/api/queries/ports";
import { Button } from "@/components/ui/Button";
import { Menu, MenuItem, MenuLabel } from "@/components/ui/Menu";
import { useTranslation } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";
import { postTicket } from "./postTicket";

/** The ports on which the workspace's programs listen, each a page to open. */
export function PortsMenu({ workspaceId }: { workspaceId: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const ports = useQuery({ ...portsQuery(workspaceId), enabled: open });
  const show = async (port: number) => {
    try {
      postTicket(await openPort(workspaceId, port), "_blank");
    } catch (cause) {
      toast.error(t("workspace.portFailed", { port, reason: asApiError(cause).message }));
    }
  };
  return (
    <Menu
      align="start"
      onOpenChange={setOpen}
      trigger={
        <Button variant="ghost" size="sm" aria-label={t("workspace.ports")}>
          <Network aria-hidden /> <span className="hidden sm:inline">{t("workspace.ports")}</span>
        </Button>
      }
    >
      {ports.isPending && <MenuLabel>{t("common.loading")}</MenuLabel>}
      {ports.error && <MenuLabel>{t("workspace.portsFailed")}</MenuLabel>}
      {ports.data?.length === 0 && <MenuLabel>{t("workspace.portsNone")}</MenuLabel>}
      {ports.data?.map(({ port, process }) => (
        <MenuItem key={port} onSelect={() => void show(port)}>
          <ExternalLink aria-hidden /> <span className="tabular-nums">{port}</span>
          <span className="text-ink-faint">{process}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}
