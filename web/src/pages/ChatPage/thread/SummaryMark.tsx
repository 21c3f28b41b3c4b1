import { ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import type { ConversationContext } from "@/api/types";
import { LazyMarkdown } from "@/components/markdown/LazyMarkdown";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";

/** Below the last message that the model knows only by a summary: says so, and shows the summary. */
export function SummaryMark({ of }: { of: ConversationContext }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <aside className="mt-6 rounded-lg border border-dashed bg-sunken px-4 py-2.5 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <p className="text-ink-soft">{t("chat.context.mark", { count: of.summarizedMessages })}</p>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className="-mx-1 inline-flex min-h-7 items-center gap-1 rounded-md px-1 font-[560] hover:bg-hover"
        >
          {open ? t("chat.context.hide") : t("chat.context.show")}
          <ChevronDown aria-hidden className={cn("size-4", open && "rotate-180")} />
        </button>
      </div>
      <div id={id} hidden={!open} className="mt-2 border-t pt-3">
        {open && <LazyMarkdown text={of.summary} />}
      </div>
    </aside>
  );
}
