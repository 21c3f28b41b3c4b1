import { ChevronLeft, ChevronRight } from "lucide-react";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import type { Node } from "@/turns/tree";
import { useChat } from "../ChatContext";

/** ‹ 2/3 ›: the other versions of a message, each with all that followed it. */
export function BranchNav({ node: { siblings, position } }: { node: Node }) {
  const { t } = useTranslation();
  const { choose } = useChat();
  if (siblings.length < 2) return null;
  const go = (step: number) => {
    const sibling = siblings[position + step];
    if (sibling) choose(sibling);
  };
  return (
    <div data-branches className="flex items-center">
      <IconButton small label={t("chat.previous")} disabled={position === 0} onClick={() => go(-1)}>
        <ChevronLeft />
      </IconButton>
      <span className="text-ink-soft text-xs tabular-nums">
        <span className="sr-only">
          {t("chat.version", { position: position + 1, count: siblings.length })}
        </span>
        <span aria-hidden>
          {position + 1}/{siblings.length}
        </span>
      </span>
      <IconButton
        small
        label={t("chat.next")}
        disabled={position === siblings.length - 1}
        onClick={() => go(1)}
      >
        <ChevronRight />
      </IconButton>
    </div>
  );
}
