import type { GroupBy } from "@/api/queries/admin/usage";
import { Field } from "@/components/ui/Field";
import { Segmented } from "@/components/ui/Segmented";
import { useTranslation } from "@/i18n/useTranslation";
import type { UsageSearch } from "@/lib/adminSearch";
import { ActorField } from "../audit/ActorField";
import { useCommitted } from "../audit/useCommitted";

const groupings: GroupBy[] = ["user", "model", "day"];

type Props = { search: UsageSearch; onChange: (search: UsageSearch) => void };

/** Which usage to show, and by what; the address holds it. */
export function UsageFilters({ search, onChange }: Props) {
  const { t } = useTranslation();
  const model = useCommitted(search.model ?? "", (text) =>
    onChange({ ...search, model: text || undefined }),
  );
  const day = (name: "from" | "to") => ({
    label: t(`admin.usage.${name}`),
    type: "date",
    value: search[name] ?? "",
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      onChange({ ...search, [name]: event.target.value || undefined }),
  });
  return (
    <search className="mt-7 block">
      <Segmented
        label={t("admin.usage.groupBy")}
        value={search.groupBy ?? "user"}
        onChange={(value) => onChange({ ...search, groupBy: value === "user" ? undefined : value })}
        options={groupings.map((value) => ({ value, label: t(`admin.usage.by.${value}`) }))}
      />
      <div className="mt-4 grid grid-cols-2 gap-3 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_170px_170px]">
        <ActorField userId={search.userId} onChange={(userId) => onChange({ ...search, userId })} />
        <Field
          label={t("admin.usage.model")}
          placeholder={t("admin.usage.modelHint")}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          className="col-span-2 md:col-span-1"
          {...model}
        />
        <Field max={search.to} {...day("from")} />
        <Field min={search.from} {...day("to")} />
      </div>
    </search>
  );
}
