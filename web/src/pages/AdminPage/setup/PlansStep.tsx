import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { plansQuery } from "@/api/queries/admin/plans";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Notice } from "@/components/ui/Notice";
import { Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { toNumber } from "@/lib/format";
import { formatLimit, limits } from "@/lib/limits";
import { Step, type StepProps } from "./Step";

/** The plan of who registers. */
const first = "free";

/** What everybody who registers may use; what is unlimited is said aloud. */
export function PlansStep({ number, done, onDone }: StepProps) {
  const { t } = useTranslation();
  const plans = useQuery(plansQuery);
  const plan = plans.data?.find((one) => one.plan.name === first)?.plan;
  const open = limits.filter(({ field }) => plan && toNumber(plan[field]) < 0);
  return (
    <Step step="plans" number={number} done={done}>
      {plans.error && <ErrorNotice error={plans.error} onRetry={plans.refetch} />}
      {plans.isPending && <Skeleton className="h-24 w-full" />}
      {plan && (
        <>
          <dl className="grid w-full gap-x-8 gap-y-2 sm:grid-cols-2">
            {limits.map(({ field }) => (
              <div key={field} className="flex justify-between gap-4 border-b pb-2">
                <dt className="text-ink-soft">{t(`admin.limits.${field}`)}</dt>
                <dd className="text-end tabular-nums">
                  {formatLimit(field, plan[field]) ?? t("common.unlimited")}
                </dd>
              </div>
            ))}
          </dl>
          {open.length > 0 && (
            <Notice kind="warning" icon={TriangleAlert}>
              {t("admin.setup.plans.unlimited", {
                limits: open.map(({ field }) => t(`admin.limits.${field}`)).join(", "),
              })}
            </Notice>
          )}
          <div className="flex flex-wrap gap-2">
            <Button variant={done ? "secondary" : "primary"} onClick={() => onDone(!done)}>
              {t(done ? "admin.setup.plans.again" : "admin.setup.plans.confirm")}
            </Button>
            <Button asChild>
              <Link to="/admin/plans">{t("admin.setup.plans.edit")}</Link>
            </Button>
          </div>
        </>
      )}
    </Step>
  );
}
