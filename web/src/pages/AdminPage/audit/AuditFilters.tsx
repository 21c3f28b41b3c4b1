import { useId } from "react";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";
import type { AuditSearch } from "@/lib/adminSearch";
import { ActorField } from "./ActorField";
import { useCommitted } from "./useCommitted";

/** Areas and events to choose from; any other may be typed. */
const known = [
  "auth.",
  "auth.login",
  "auth.logout",
  "auth.password",
  "auth.register",
  "auth.session.revoke",
  "auth.token.create",
  "auth.token.revoke",
  "auth.totp.",
  "auth.oidc.",
  "admin.",
  "admin.user.update",
  "admin.user.delete",
  "admin.plan.update",
  "user.",
  "workspace.",
];

type Props = { search: AuditSearch; onChange: (search: AuditSearch) => void };

/** Which entries to list; the address holds it. */
export function AuditFilters({ search, onChange }: Props) {
  const { t } = useTranslation();
  const events = useId();
  const eventType = useCommitted(search.eventType ?? "", (text) =>
    onChange({ ...search, eventType: text || undefined }),
  );
  const day = (name: "from" | "to") => ({
    label: t(`admin.audit.${name}`),
    type: "date",
    value: search[name] ?? "",
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      onChange({ ...search, [name]: event.target.value || undefined }),
  });
  return (
    <search className="mt-6 grid grid-cols-2 gap-3 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_170px_170px]">
      <ActorField userId={search.userId} onChange={(userId) => onChange({ ...search, userId })} />
      <Field
        label={t("admin.audit.event")}
        placeholder={t("admin.audit.eventHint")}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        list={events}
        className="col-span-2 md:col-span-1"
        {...eventType}
      />
      <datalist id={events}>
        {known.map((event) => (
          <option key={event} value={event} />
        ))}
      </datalist>
      <Field max={search.to} {...day("from")} />
      <Field min={search.from} {...day("to")} />
    </search>
  );
}
