import { Slot } from "radix-ui";
import type { ReactNode } from "react";

/** Names what is under the pointer or has the focus. Tooltips.tsx shows it. */
export function Tooltip({ label, children }: { label: string; children: ReactNode }) {
  return <Slot.Root data-tooltip={label}>{children}</Slot.Root>;
}
