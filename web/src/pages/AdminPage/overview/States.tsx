import type { ReactNode } from "react";
import { Badge } from "@/components/ui/Badge";

export type StateKind = "ok" | "warning" | "bad" | "neutral";
type Row = { name: string; note?: ReactNode; kind: StateKind; state: string };
type Props = { title: string; rows: Row[]; none?: string };

/** Parts of the platform, each with how it does. */
export function States({ title, rows, none }: Props) {
  return (
    <section aria-label={title} className="rounded-lg border bg-raised">
      <h2 className="border-b px-4 py-3 text-base">{title}</h2>
      {rows.length === 0 && <p className="px-4 py-3 text-ink-soft">{none}</p>}
      <ul className="divide-y">
        {rows.map((row) => (
          <li key={row.name} className="flex items-start gap-3 px-4 py-2.5">
            <div className="min-w-0 grow">
              <p className="truncate font-[560]">{row.name}</p>
              {row.note && <p className="text-ink-soft text-sm">{row.note}</p>}
            </div>
            <Badge kind={row.kind}>{row.state}</Badge>
          </li>
        ))}
      </ul>
    </section>
  );
}
