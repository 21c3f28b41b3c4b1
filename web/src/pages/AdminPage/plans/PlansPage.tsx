import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { plansQuery } from "@/api/queries/admin/plans";
import type { Plan } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { PageHead } from "../PageHead";
import { RowsSkeleton } from "../RowsSkeleton";
import { PlanDialog } from "./PlanDialog";
import { PlansTable } from "./PlansTable";

export function PlansPage() {
  const { t } = useTranslation();
  const plans = useQuery(plansQuery);
  const [editing, setEditing] = useState<Plan | "new">();
  return (
    <>
      <PageHead title={t("admin.plans.title")} lead={t("admin.plans.lead")}>
        {plans.data && (
          <Button variant="primary" onClick={() => setEditing("new")}>
            <Plus aria-hidden /> {t("admin.plans.new")}
          </Button>
        )}
      </PageHead>
      {plans.error && <ErrorNotice error={plans.error} onRetry={plans.refetch} className="mt-6" />}
      {plans.isPending && <RowsSkeleton />}
      {plans.data && <PlansTable plans={plans.data} onEdit={setEditing} />}
      {editing && (
        <PlanDialog
          plan={editing === "new" ? undefined : editing}
          taken={plans.data?.map(({ plan }) => plan.name) ?? []}
          onClose={() => setEditing(undefined)}
        />
      )}
    </>
  );
}
