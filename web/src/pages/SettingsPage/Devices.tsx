import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { devicesQuery, revokeDevice, revokeOtherDevices } from "@/api/queries/devices";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";
import { DeviceRow } from "./DeviceRow";
import { Section } from "./Section";

export function Devices() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const devices = useQuery(devicesQuery);
  const onError = (error: Error) => toast.error(errorText(error));
  const onSettled = () => queries.invalidateQueries({ queryKey: devicesQuery.queryKey });
  const revoke = useMutation({
    mutationFn: revokeDevice,
    onSuccess: () => toast.success(t("settings.revoked")),
    onError,
    onSettled,
  });
  const revokeOthers = useMutation({
    mutationFn: revokeOtherDevices,
    onSuccess: () => toast.success(t("settings.revokedOthers")),
    onError,
    onSettled,
  });
  return (
    <Section id="devices" lead={t("settings.devicesLead")}>
      {devices.isPending && (
        <Loading className="flex flex-col gap-3">
          <Skeleton className="h-12" />
          <Skeleton className="h-12" />
        </Loading>
      )}
      {devices.error && <ErrorNotice error={devices.error} onRetry={devices.refetch} />}
      {devices.data && (
        <ul className="divide-y rounded-lg border">
          {devices.data.map((device) => (
            <DeviceRow
              key={device.id}
              device={device}
              pending={revoke.isPending && revoke.variables === device.id}
              onRevoke={() => revoke.mutate(device.id)}
            />
          ))}
        </ul>
      )}
      {devices.data && devices.data.length > 1 && (
        <Button
          className="mt-4"
          pending={revokeOthers.isPending}
          onClick={() => revokeOthers.mutate()}
        >
          {t("settings.revokeOthers")}
        </Button>
      )}
    </Section>
  );
}
