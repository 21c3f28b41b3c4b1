import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useTranslation } from "@/i18n/useTranslation";

export function OfflineBanner() {
  const { t } = useTranslation();
  const online = useSyncExternalStore(
    (changed) => onlineManager.subscribe(changed),
    () => onlineManager.isOnline(),
  );
  return (
    <div role="status">
      {!online && (
        <p className="border-b bg-bad-soft px-3 py-1 text-center text-bad text-xs">
          {t("error.offline")}
        </p>
      )}
    </div>
  );
}
