import { useEffect, useState } from "react";
import type { Role, UserFilter } from "@/api/queries/admin/users";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { useTranslation } from "@/i18n/useTranslation";
import { roles } from "@/lib/roles";

type Props = { filter: UserFilter; plans: string[]; onChange: (filter: UserFilter) => void };

/** Which accounts to list. The address holds the filter; the text follows it after a pause. */
export function UserFilters({ filter, plans, onChange }: Props) {
  const { t } = useTranslation();
  const all = { value: "", label: t("admin.any") };
  const state = filter.active === undefined ? "" : filter.active ? "active" : "suspended";
  // A plan in the address may be one that is not there, and must be shown to be cleared.
  const names = filter.plan && !plans.includes(filter.plan) ? [...plans, filter.plan] : plans;
  const [text, setText] = useText(filter.q ?? "", (q) =>
    onChange({ ...filter, q: q === "" ? undefined : q }),
  );
  return (
    <search className="mt-6 grid grid-cols-2 gap-3 md:grid-cols-[minmax(0,1fr)_150px_150px_150px]">
      <Field
        label={t("admin.users.search")}
        type="search"
        placeholder={t("admin.users.searchHint")}
        autoComplete="off"
        spellCheck={false}
        className="col-span-2 md:col-span-1"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Select
        label={t("admin.users.role")}
        value={filter.role ?? ""}
        onChange={(event) =>
          onChange({ ...filter, role: (event.target.value || undefined) as Role | undefined })
        }
        options={[all, ...roles.map((role) => ({ value: role, label: t(`admin.roles.${role}`) }))]}
      />
      <Select
        label={t("admin.users.plan")}
        value={filter.plan ?? ""}
        onChange={(event) => onChange({ ...filter, plan: event.target.value || undefined })}
        options={[all, ...names.map((plan) => ({ value: plan, label: plan }))]}
      />
      <Select
        label={t("admin.users.state")}
        className="col-span-2 md:col-span-1"
        value={state}
        onChange={({ target }) =>
          onChange({ ...filter, active: target.value ? target.value === "active" : undefined })
        }
        options={[
          all,
          { value: "active", label: t("admin.users.active") },
          { value: "suspended", label: t("admin.users.suspended") },
        ]}
      />
    </search>
  );
}

const pause = 300;

/** What is typed, told on once the typing pauses; a change from elsewhere replaces it. */
function useText(given: string, onPause: (text: string) => void) {
  const [text, setText] = useState(given);
  const [known, setKnown] = useState(given);
  if (known !== given) {
    setKnown(given);
    setText(given);
  }
  useEffect(() => {
    if (text.trim() === given) return;
    const timer = setTimeout(() => onPause(text.trim()), pause);
    return () => clearTimeout(timer);
  });
  return [text, setText] as const;
}
