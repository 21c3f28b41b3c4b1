import { Check, Circle, LoaderCircle, X } from "lucide-react";
import type { WorkspaceEvent } from "@/api/types";
import i18n from "@/i18n";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { formatNumber } from "@/lib/format";
import { formatClock } from "@/lib/time";
import { type Step, type StepState, stepsOf } from "./steps";

const icons: Record<StepState, typeof Check> = {
  waiting: Circle,
  running: LoaderCircle,
  done: Check,
  failed: X,
};

const colours: Record<StepState, string> = {
  waiting: "text-line-strong",
  running: "text-busy motion-safe:animate-spin",
  done: "text-ok",
  failed: "text-bad",
};

/** The steps of a start, with the time that each began and how long it took. */
export function StepList({ events }: { events: WorkspaceEvent[] }) {
  const { t } = useTranslation();
  return (
    <ol aria-label={t("workspace.steps")} aria-live="polite" className="mt-5 flex flex-col gap-3">
      {stepsOf(events).map((step) => (
        <StepRow key={step.name} step={step} />
      ))}
    </ol>
  );
}

function StepRow({ step: { name, state, message, startedAt, took } }: { step: Step }) {
  const { t } = useTranslation();
  const Icon = icons[state];
  // The server's words are English; elsewhere the step's name says the same, but for what git tells.
  const said = (i18n.language === "en" || name === "clone") && message;
  return (
    <li className="flex gap-3">
      <Icon aria-hidden className={cn("mt-px size-[18px] shrink-0", colours[state])} />
      <div className="min-w-0 grow">
        <p className={cn(state === "waiting" ? "text-ink-faint" : "font-[560]")}>
          {t(`workspace.step.${name}`)}
          <span className="sr-only">, {t(`workspace.stepState.${state}`)}</span>
        </p>
        {said && (
          <p lang="en" className="break-words text-ink-soft">
            {said}
          </p>
        )}
      </div>
      <p className="shrink-0 text-end text-ink-faint text-xs leading-5 tabular-nums">
        {startedAt && formatClock(startedAt)}
        {took !== undefined && (
          <span className="block">
            {formatNumber(took / 1000, {
              style: "unit",
              unit: "second",
              maximumFractionDigits: 1,
            })}
          </span>
        )}
      </p>
    </li>
  );
}
