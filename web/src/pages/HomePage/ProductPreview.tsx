import { FileCode2, Terminal } from "lucide-react";
import { Logo } from "@/components/Logo";
import { useTranslation } from "@/i18n/useTranslation";

/** A picture of the product, drawn with its own parts: the chat beside the editor. */
export function ProductPreview() {
  const { t } = useTranslation();
  return (
    <div
      role="img"
      aria-label={t("landing.preview")}
      className="mt-14 grid overflow-hidden rounded-xl border bg-raised shadow-float md:grid-cols-[5fr_6fr]"
    >
      <div className="flex flex-col gap-5 p-5 sm:p-7">
        <p className="max-w-[85%] self-end rounded-xl rounded-ee-sm bg-hover px-4 py-2.5">
          {t("landing.previewQuestion")}
        </p>
        <div className="flex gap-3">
          <Logo className="mt-0.5 size-5 shrink-0 text-accent" />
          <div className="min-w-0">
            <p className="leading-6">{t("landing.previewAnswer")}</p>
            <pre className="mt-3 overflow-hidden rounded-md border bg-code px-4 py-3 font-mono text-[13px] leading-5">
              <span className="text-accent-ink">for</span> row{" "}
              <span className="text-accent-ink">in</span>
              {" rows:\n    sheet.append(row)"}
            </pre>
          </div>
        </div>
      </div>
      <div className="border-t bg-sunken font-mono text-[13px] leading-[22px] md:border-t-0 md:border-s">
        <div className="flex border-b text-xs">
          <span className="flex items-center gap-2 border-e bg-raised px-4 py-2">
            <FileCode2 className="size-3.5 text-accent" /> export.py
          </span>
        </div>
        <div className="flex gap-4 overflow-hidden px-4 py-4">
          <pre className="select-none text-end text-ink-faint">{"1\n2\n3\n4\n5\n6"}</pre>
          <pre>
            <Keyword>def</Keyword> <Name>export</Name>(rows, sheet):{"\n"}
            {"    "}
            <Keyword>for</Keyword> row <Keyword>in</Keyword> rows:{"\n"}
            {"        sheet."}
            <Name>append</Name>(row){"\n"}
            {"    sheet."}
            <Name>save</Name>(<Text>"out.csv"</Text>){"\n\n"}
            <Name>export</Name>(load(), Sheet())
          </pre>
        </div>
        <div className="border-t px-4 py-3 text-ink-soft">
          <span className="flex items-center gap-2">
            <Terminal className="size-3.5" /> ~/report $ python export.py
          </span>
          <span className="text-ok">{t("landing.previewTerminal")}</span>
        </div>
      </div>
    </div>
  );
}

function Keyword({ children }: { children: string }) {
  return <span className="font-[600] text-accent-ink">{children}</span>;
}

function Name({ children }: { children: string }) {
  return <span className="text-busy">{children}</span>;
}

function Text({ children }: { children: string }) {
  return <span className="text-ok">{children}</span>;
}
