import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

type Props = { icon: LucideIcon; title: string; children?: ReactNode };

/** A list without rows. */
export function Empty({ icon: Icon, title, children }: Props) {
  return (
    <div className="mt-6 flex flex-col items-center gap-3 rounded-lg border border-dashed px-6 py-12 text-center">
      <Icon aria-hidden strokeWidth={1.5} className="size-8 text-ink-faint" />
      <p className="text-ink-soft">{title}</p>
      {children}
    </div>
  );
}
