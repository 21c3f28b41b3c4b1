import { MonitorSmartphone } from "lucide-react";
import type { Session } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { timeAgo } from "@/lib/time";
import { describeUserAgent } from "./userAgent";

type Props = { device: Session; pending: boolean; onRevoke: () => void };

export function DeviceRow({ device, pending, onRevoke }: Props) {
  const { t } = useTranslation();
  const { browser, system } = describeUserAgent(device.userAgent);
  const name =
    browser && system
      ? t("settings.device", { browser, system })
      : (browser ?? system ?? t("settings.unknownDevice"));
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <MonitorSmartphone aria-hidden className="size-5 shrink-0 text-ink-faint" />
      <div className="min-w-0 grow">
        <p className="font-[560]" title={device.userAgent}>
          {name}
        </p>
        <p className="text-ink-faint text-xs">
          {t("settings.lastActive", { time: timeAgo(device.lastActivity) })}
          {device.ipAddress && ` · ${device.ipAddress}`}
        </p>
      </div>
      {device.current ? (
        <span className="shrink-0 rounded-full bg-ok-soft px-2.5 py-1 font-[560] text-ok text-xs">
          {t("settings.thisDevice")}
        </span>
      ) : (
        <Button
          size="sm"
          pending={pending}
          aria-label={t("settings.revokeLabel", { device: name })}
          onClick={onRevoke}
        >
          {t("settings.revoke")}
        </Button>
      )}
    </li>
  );
}
