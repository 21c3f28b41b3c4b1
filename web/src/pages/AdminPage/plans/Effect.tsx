import { TriangleAlert, Users } from "lucide-react";
import type { PlanEffect } from "@/api/queries/admin/plans";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { formatNumber } from "@/lib/format";
import type { LimitField } from "@/lib/limits";

/** What saving would do: whom it reaches, and who is over the new limits already. */
export function Effect({ effect }: { effect: PlanEffect }) {
  const { t } = useTranslation();
  const over = Object.entries(effect.over).filter(([, count]) => count > 0);
  const accounts = t("admin.plans.effectAccounts", {
    count: effect.users,
    users: formatNumber(effect.users),
  });
  if (over.length === 0) {
    return (
      <Notice icon={Users} announce>
        {accounts} {effect.users > 0 && t("admin.plans.effectNobody")}
      </Notice>
    );
  }
  return (
    <Notice kind="warning" icon={TriangleAlert} announce>
      <p>
        {accounts} {t("admin.plans.effectOver")}
      </p>
      <ul className="mt-1.5 list-disc ps-5">
        {over.map(([field, count]) => (
          <li key={field}>
            {t("admin.plans.effectLimit", {
              limit: t(`admin.limits.${field as LimitField}`),
              count,
              users: formatNumber(count),
            })}
          </li>
        ))}
      </ul>
      <p className="mt-1.5 text-sm">
        {effect.accounts.map(({ username }) => username).join(", ")}
        {Math.max(...over.map(([, count]) => count)) > effect.accounts.length && " …"}
      </p>
    </Notice>
  );
}
