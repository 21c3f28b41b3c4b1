import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import type { SetupStep } from "@/lib/setup";

export type StepProps = { number: number; done: boolean; onDone: (done: boolean) => void };

type Props = { step: SetupStep; number: number; done: boolean; children: ReactNode };

/** One thing to look at, and whether it was found well. */
export function Step({ step, number, done, children }: Props) {
  const { t } = useTranslation();
  return (
    <li className="rounded-lg border bg-raised">
      <div className="flex items-start gap-3 border-b px-4 py-3.5">
        <span
          aria-hidden
          className={cn(
            "flex size-7 shrink-0 items-center justify-center rounded-full font-[620] text-sm",
            done ? "bg-ok-soft text-ok" : "bg-active text-ink-soft",
          )}
        >
          {done ? <Check className="size-4" /> : number}
        </span>
        <div className="min-w-0">
          <h2 className="text-base leading-7">
            {t(`admin.setup.${step}.title`)}
            <span className="sr-only"> – {t(done ? "admin.setup.done" : "admin.setup.open")}</span>
          </h2>
          <p className="text-ink-soft">{t(`admin.setup.${step}.lead`)}</p>
        </div>
      </div>
      <div className="flex flex-col items-start gap-3 p-4">{children}</div>
    </li>
  );
}
