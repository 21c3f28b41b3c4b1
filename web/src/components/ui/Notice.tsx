import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const kinds = {
  info: ["bg-sunken", "text-ink-faint"],
  ok: ["border-transparent bg-ok-soft", "text-ok"],
  warning: ["border-transparent bg-busy-soft", "text-busy"],
} as const;

type Props = {
  kind?: keyof typeof kinds;
  icon: LucideIcon;
  /** Read out as soon as it appears. */
  announce?: boolean;
  className?: string;
  children: ReactNode;
};

/** Something to know at this place, that is no error. */
export function Notice({ kind = "info", icon: Icon, announce, className, children }: Props) {
  const [box, sign] = kinds[kind];
  return (
    <div
      role={announce ? "status" : undefined}
      className={cn("flex gap-3 rounded-md border p-3", box, className)}
    >
      <Icon aria-hidden className={cn("mt-px size-[18px] shrink-0", sign)} />
      <div className="min-w-0 grow break-words">{children}</div>
    </div>
  );
}
