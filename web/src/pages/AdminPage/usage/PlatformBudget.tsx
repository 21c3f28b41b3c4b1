import type { DeploymentBudget } from "@/api/types";
import { Gauge } from "@/components/usage/Gauge";
import { useTranslation } from "@/i18n/useTranslation";
import { formatUsd } from "@/lib/format";

/** What everybody's calls of this month cost against the deployment's budget. */
export function PlatformBudget({ budget }: { budget: DeploymentBudget }) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="budget-title" className="rounded-lg border p-5">
      <h2 id="budget-title" className="text-[16px]">
        {t("admin.usage.budget")}
      </h2>
      <div className="mt-4">
        <Gauge
          label={t("usage.cost")}
          figure={{ used: budget.usedUsd, limit: budget.limitUsd, resetsAt: budget.resetsAt }}
          format={formatUsd}
        />
        {budget.limitUsd < 0 && (
          <p className="mt-3 text-ink-faint text-xs">{t("admin.usage.budgetNone")}</p>
        )}
      </div>
    </section>
  );
}
