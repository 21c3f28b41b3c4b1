import type { AuditEntry } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";

/** All that an entry says. */
export function AuditDetails({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const metadata = entry.metadata && Object.keys(entry.metadata).length > 0;
  const facts = [
    ["id", entry.id],
    ["userId", entry.userId],
    ["resourceId", entry.resourceId],
    ["action", entry.action],
    ["status", entry.error ? `${entry.status} · ${entry.error}` : entry.status],
    ["requestId", entry.requestId],
    ["userAgent", entry.userAgent],
  ] as const;
  return (
    <div className="rounded-md bg-sunken px-3 py-2.5">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink-soft text-xs">{t(`admin.audit.facts.${name}`)}</dt>
              <dd className="break-all font-mono text-xs">{value}</dd>
            </div>
          ))}
      </dl>
      {metadata && (
        <pre className="mt-2 whitespace-pre-wrap break-all border-t pt-2 font-mono text-xs">
          {JSON.stringify(entry.metadata, null, 2)}
        </pre>
      )}
    </div>
  );
}
