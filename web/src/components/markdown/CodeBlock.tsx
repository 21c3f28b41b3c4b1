import { Check, Copy, WrapText } from "lucide-react";
import { useContext, useState } from "react";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { useCopy } from "@/lib/useCopy";
import { type Code, CodeTools } from "./CodeTools";
import { Diagram } from "./Diagram";
import { HighlightedCode } from "./HighlightedCode";

/** A fenced block: its language, its code in colour, and ways to take it along. */
export function CodeBlock({ code, language, incomplete }: Code & { incomplete: boolean }) {
  const { t } = useTranslation();
  const Tools = useContext(CodeTools);
  const [wrap, setWrap] = useState(false);
  const { copied, copy } = useCopy();

  const block = (
    <figure className="overflow-hidden rounded-lg border bg-code">
      <figcaption className="flex h-9 items-center gap-1 border-b pe-1 ps-4 text-ink-soft text-xs">
        <span className="grow font-mono">{language || t("markdown.code")}</span>
        {Tools && !incomplete && <Tools code={code} language={language} />}
        <IconButton
          small
          label={t("markdown.wrap")}
          aria-pressed={wrap}
          onClick={() => setWrap(!wrap)}
        >
          <WrapText className={cn(wrap && "text-accent")} />
        </IconButton>
        <IconButton
          small
          label={copied ? t("common.copied") : t("markdown.copyCode")}
          onClick={() => copy(code)}
        >
          {copied ? <Check className="text-ok" /> : <Copy />}
        </IconButton>
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines have to scroll by keyboard too.
        tabIndex={0}
        className={cn(
          "overflow-x-auto px-4 py-3 font-mono text-[13.5px] leading-[21px] focus-visible:-outline-offset-2",
          wrap && "whitespace-pre-wrap break-words",
        )}
      >
        <HighlightedCode code={code} language={language} incomplete={incomplete} />
      </pre>
    </figure>
  );
  if (language !== "mermaid" || incomplete) return block;
  return <Diagram source={code}>{block}</Diagram>;
}
