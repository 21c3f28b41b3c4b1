import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

const kinds = {
  neutral: "bg-active text-ink-soft",
  accent: "bg-accent-soft text-accent-ink",
  ok: "bg-ok-soft text-ok",
  warning: "bg-busy-soft text-busy",
  bad: "bg-bad-soft text-bad",
};

type Props = { kind?: keyof typeof kinds; className?: string; children: ReactNode };

/** A word about the state of something, in a colour of its own. */
export function Badge({ kind = "neutral", className, children }: Props) {
  return (
    <span
      className={cn(
        "inline-block shrink-0 whitespace-nowrap rounded-full px-2.5 py-0.5 font-[560] text-xs",
        kinds[kind],
        className,
      )}
    >
      {children}
    </span>
  );
}
