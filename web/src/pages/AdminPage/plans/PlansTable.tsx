import { Pencil } from "lucide-react";
import type { Plan, PlanSummary } from "@/api/types";
import { IconButton } from "@/components/ui/IconButton";
import { Cell, Row, Table } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import { formatNumber, toNumber } from "@/lib/format";
import { formatLimit, limits } from "@/lib/limits";

type Props = { plans: PlanSummary[]; onEdit: (plan: Plan) => void };

export function PlansTable({ plans, onEdit }: Props) {
  const { t } = useTranslation();
  const columns = [
    t("admin.plans.name"),
    ...limits.map(({ field }) => t(`admin.limits.${field}`)),
    t("admin.plans.isolation"),
    t("admin.plans.accounts"),
    t("admin.plans.actions"),
  ];
  return (
    <Table label={t("admin.plans.title")} columns={columns} className="mt-6">
      {plans.map(({ plan, users }) => (
        <Row key={plan.name} className="relative">
          <Cell className="font-[620] md:font-[560]">{plan.name}</Cell>
          {limits.map(({ field }) => (
            <Cell key={field} name={t(`admin.limits.${field}`)} className="tabular-nums">
              {formatLimit(field, plan[field]) ?? (
                <span className="text-ink-faint">{t("common.unlimited")}</span>
              )}
            </Cell>
          ))}
          <Cell name={t("admin.plans.isolation")}>
            {plan.isolation || (
              <span className="text-ink-faint">{t("admin.plans.isolationDefault")}</span>
            )}
          </Cell>
          <Cell name={t("admin.plans.accounts")} className="tabular-nums">
            {formatNumber(toNumber(users))}
          </Cell>
          <Cell className="max-md:absolute max-md:top-2 max-md:end-0">
            <IconButton
              label={t("admin.plans.edit", { name: plan.name })}
              onClick={() => onEdit(plan)}
            >
              <Pencil />
            </IconButton>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
