import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import "@/i18n/tools";
import { useTranslation } from "@/i18n/useTranslation";

/** Keys that touch keyboards lack, with what a terminal is sent for them. */
const keys: {
  name: "esc" | "tab" | "interrupt" | "end" | "left" | "down" | "up" | "right";
  sends: string;
  shows: ReactNode;
}[] = [
  { name: "esc", sends: "\x1b", shows: "Esc" },
  { name: "tab", sends: "\t", shows: "Tab" },
  { name: "interrupt", sends: "\x03", shows: "^C" },
  { name: "end", sends: "\x04", shows: "^D" },
  { name: "left", sends: "\x1b[D", shows: <ArrowLeft aria-hidden /> },
  { name: "down", sends: "\x1b[B", shows: <ArrowDown aria-hidden /> },
  { name: "up", sends: "\x1b[A", shows: <ArrowUp aria-hidden /> },
  { name: "right", sends: "\x1b[C", shows: <ArrowRight aria-hidden /> },
];

export function Keys({ onKey }: { onKey: (text: string) => void }) {
  const { t } = useTranslation();
  return (
    <div
      role="toolbar"
      aria-label={t("terminal.keys")}
      className="hidden shrink-0 gap-1 border-t bg-sunken p-1 pointer-coarse:flex max-sm:flex"
    >
      {keys.map(({ name, sends, shows }) => (
        <button
          key={name}
          type="button"
          aria-label={t(`terminal.key.${name}`)}
          className="inline-flex h-9 min-w-0 grow items-center justify-center rounded-md border bg-raised font-mono text-xs hover:bg-hover [&_svg]:size-4"
          onClick={() => onKey(sends)}
        >
          {shows}
        </button>
      ))}
    </div>
  );
}
