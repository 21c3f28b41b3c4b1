import type { WorkspaceFilter } from "@/api/queries/admin/workspaces";
import type { WorkspaceStatus } from "@/api/types";
import { Select } from "@/components/ui/Select";
import { useTranslation } from "@/i18n/useTranslation";
import { statuses } from "@/lib/adminSearch";
import { ActorField } from "../audit/ActorField";

type Props = { filter: WorkspaceFilter; onChange: (filter: WorkspaceFilter) => void };

/** Whose workspaces, and in which status. The address holds the filter. */
export function WorkspaceFilters({ filter, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <search className="mt-6 grid gap-3 sm:grid-cols-[minmax(0,1fr)_200px]">
      <ActorField userId={filter.userId} onChange={(userId) => onChange({ ...filter, userId })} />
      <Select
        label={t("admin.workspaces.status")}
        value={filter.status ?? ""}
        onChange={({ target }) =>
          onChange({
            ...filter,
            status: (target.value || undefined) as WorkspaceStatus | undefined,
          })
        }
        options={[
          { value: "", label: t("admin.any") },
          ...statuses.map((status) => ({ value: status, label: t(`ide.status.${status}`) })),
        ]}
      />
    </search>
  );
}
