import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { plansQuery, putPlan } from "@/api/queries/admin/plans";
import type { Plan } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog, DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { Select } from "@/components/ui/Select";
import { useTranslation } from "@/i18n/useTranslation";
import { limitOf, limits, unlimited } from "@/lib/limits";
import { toast } from "@/lib/toast";
import { Effect } from "./Effect";
import { LimitInput } from "./LimitInput";
import { usePlanEffect } from "./usePlanEffect";
import { type PlanValues, valuesOf } from "./values";

const isolations = ["", "directory", "docker", "gvisor", "kubernetes"] as const;

type Props = {
  /** Undefined makes a new one. */
  plan: Plan | undefined;
  taken: string[];
  onClose: () => void;
};

export function PlanDialog({ plan, taken, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [values, setValues] = useState<PlanValues>(() => valuesOf(plan));
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: putPlan,
    onSuccess: (plans, { name }) => {
      queries.setQueryData(plansQuery.queryKey, plans);
      toast.success(t("admin.plans.saved", { name }));
      onClose();
    },
  });
  const figures = limits.map((limit) => {
    const { text, none } = values.limits[limit.field];
    return none ? String(unlimited) : limitOf(limit, text, plan?.[limit.field]);
  });
  const { effect, looking, error } = usePlanEffect(plan, figures);
  const somebodyOver = Object.values(effect?.over ?? {}).some((count) => count > 0);
  const name = plan?.name ?? values.name.trim();
  const badName = !/^[a-z0-9][a-z0-9_-]{0,49}$/.test(name)
    ? t("admin.plans.nameInvalid")
    : !plan && taken.includes(name)
      ? t("admin.plans.nameTaken")
      : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (badName || figures.includes(undefined) || save.isPending || looking) return;
    const fields = Object.fromEntries(limits.map(({ field }, i) => [field, figures[i]]));
    save.mutate({ name, isolation: values.isolation, ...fields } as Plan);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={plan ? t("admin.plans.edit", { name: plan.name }) : t("admin.plans.new")}
      description={plan ? t("admin.plans.editLead") : undefined}
    >
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {save.error && <ErrorNotice error={save.error} />}
        {!plan && (
          <Field
            label={t("admin.plans.name")}
            value={values.name}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            error={tried ? badName : undefined}
            onChange={(event) => setValues({ ...values, name: event.target.value })}
          />
        )}
        {limits.map((limit, i) => (
          <LimitInput
            key={limit.field}
            limit={limit}
            value={values.limits[limit.field]}
            invalid={tried && figures[i] === undefined}
            onChange={(value) =>
              setValues({ ...values, limits: { ...values.limits, [limit.field]: value } })
            }
          />
        ))}
        <Select
          label={t("admin.plans.isolation")}
          value={values.isolation}
          onChange={(event) => setValues({ ...values, isolation: event.target.value })}
          options={isolations.map((isolation) => ({
            value: isolation,
            label: isolation ? t(`ide.isolations.${isolation}`) : t("admin.plans.isolationDefault"),
          }))}
        />
        {effect && <Effect effect={effect} />}
        {error && <ErrorNotice error={error} title={t("admin.plans.effectUnknown")} />}
        <DialogActions>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" variant="primary" pending={save.isPending || looking}>
            {t(somebodyOver ? "admin.plans.saveAllTheSame" : "common.save")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
