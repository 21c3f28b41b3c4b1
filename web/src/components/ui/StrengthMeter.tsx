import { useDeferredValue, useEffect, useState } from "react";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import type { Score } from "@/lib/strength";

/** How many guesses a password is worth, as a score from 0 to 4. */
export function StrengthMeter({ password }: { password: string }) {
  const { t } = useTranslation();
  const score = useScore(useDeferredValue(password));
  if (password === "" || score === null) return null;
  const label = t(`auth.strengths.${score}`);
  return (
    <div className="flex items-center gap-3">
      <div
        role="meter"
        aria-label={t("auth.strength")}
        aria-valuemin={0}
        aria-valuemax={4}
        aria-valuenow={score}
        aria-valuetext={label}
        className="grid h-1.5 grow grid-cols-4 gap-1"
      >
        {[1, 2, 3, 4].map((step) => (
          <span
            key={step}
            className={cn("rounded-full", step <= score ? colour(score) : "bg-active")}
          />
        ))}
      </div>
      <span className="min-w-28 text-ink-soft text-xs">{label}</span>
    </div>
  );
}

function colour(score: Score): string {
  if (score < 2) return "bg-bad";
  return score === 2 ? "bg-busy-fill" : "bg-ok";
}

/** Null until the estimate, which is loaded with the first letter, is there. */
function useScore(password: string): Score | null {
  const [score, setScore] = useState<Score | null>(null);
  useEffect(() => {
    if (password === "") return;
    let stale = false;
    import("@/lib/strength").then(
      ({ strength }) => !stale && setScore(strength(password)),
      () => undefined, // the form works without it
    );
    return () => {
      stale = true;
    };
  }, [password]);
  return score;
}
