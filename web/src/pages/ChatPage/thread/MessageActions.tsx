import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

type Props = { visible: boolean; className?: string; children: ReactNode };

/** What can be done with a message. Quiet until wanted, except under the last one. */
export function MessageActions({ visible, className, children }: Props) {
  return (
    <div
      className={cn(
        "mt-1.5 -ms-1.5 flex min-h-7 flex-wrap items-center gap-0.5 transition-opacity duration-100",
        !visible &&
          "focus-within:opacity-100 group-hover:opacity-100 pointer-fine:opacity-0 has-[[data-branches]]:opacity-100",
        className,
      )}
    >
      {children}
    </div>
  );
}
