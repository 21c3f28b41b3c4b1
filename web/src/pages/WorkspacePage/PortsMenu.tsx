import { useQuery } from "@tanstack/react-query";
import { ExternalLink, Link, Lock, Network, Users } from "lucide-react";
import { Fragment } from "react";
import { openPort, portsQuery, sharePort } from "@/api/queries/ports";
import type { WorkspacePort } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { Button } from "@/components/ui/Button";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/components/ui/Menu";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import "@/i18n/tools";
import { copyText } from "@/lib/copy";
import { toast } from "@/lib/toast";
import { postTicket } from "./postTicket";

/** The ports on which the workspace's programs listen, each a page to open. */
export function PortsMenu({ workspaceId }: { workspaceId: string }) {
  const { t } = useTranslation();
  return (
    <Menu
      align="start"
      trigger={
        // A small screen needs its room for the name: there they are in the page's menu.
        <Button variant="ghost" size="sm" className="max-sm:hidden">
          <Network aria-hidden /> {t("workspace.ports")}
        </Button>
      }
    >
      <Ports workspaceId={workspaceId} />
    </Menu>
  );
}

/** What a menu has of the ports, asked for when it is opened. */
export function Ports({ workspaceId }: { workspaceId: string }) {
  const { t } = useTranslation();
  const ports = useQuery(portsQuery(workspaceId));
  const show = async (port: number) => {
    try {
      postTicket(await openPort(workspaceId, port), "_blank");
    } catch (cause) {
      toast.error(t("workspace.portFailed", { port, reason: errorText(cause) }));
    }
  };
  const share = async (port: number, shared: boolean) => {
    try {
      await sharePort(workspaceId, port, shared);
      await ports.refetch();
    } catch (cause) {
      toast.error(t("share.failed", { port, reason: errorText(cause) }));
    }
  };
  const copy = async (port: number) => {
    const link = new URL(`/ide/workspace/${workspaceId}/port/${port}`, window.location.href);
    if (await copyText(link.href)) toast.success(t("share.copied"));
  };
  return (
    <>
      {ports.isPending && <MenuLabel>{t("common.loading")}</MenuLabel>}
      {ports.error && <MenuLabel>{t("workspace.portsFailed")}</MenuLabel>}
      {ports.data?.length === 0 && <MenuLabel>{t("workspace.portsNone")}</MenuLabel>}
      {ports.data?.map((port, position) => (
        <Fragment key={port.port}>
          {position > 0 && <MenuSeparator />}
          <PortItems port={port} onOpen={() => void show(port.port)} onShare={share} copy={copy} />
        </Fragment>
      ))}
    </>
  );
}

type ItemsProps = {
  port: WorkspacePort;
  onOpen: () => void;
  onShare: (port: number, shared: boolean) => Promise<void>;
  copy: (port: number) => Promise<void>;
};

/** What can be done with one port. The menu stays open as it is shared, to show that it is. */
function PortItems({ port: { port, process, visibility, listening }, ...on }: ItemsProps) {
  const { t } = useTranslation();
  const shared = visibility === "users";
  return (
    <>
      <MenuItem onSelect={on.onOpen}>
        <ExternalLink aria-hidden /> <span className="tabular-nums">{port}</span>
        <span className="text-ink-faint">{listening ? process : t("share.quiet")}</span>
        {shared && <Badge>{t("share.shared")}</Badge>}
      </MenuItem>
      <MenuItem
        onSelect={(event) => {
          event.preventDefault();
          void on.onShare(port, !shared);
        }}
      >
        {shared ? <Lock aria-hidden /> : <Users aria-hidden />}
        {t(shared ? "share.end" : "share.make", { port })}
      </MenuItem>
      {shared && (
        <MenuItem onSelect={() => void on.copy(port)}>
          <Link aria-hidden /> {t("share.copy", { port })}
        </MenuItem>
      )}
    </>
  );
}
