import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Role, type UserChange, updateUser } from "@/api/queries/admin/users";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Select } from "@/components/ui/Select";
import { useTranslation } from "@/i18n/useTranslation";
import { isOwner, rankOf, roles } from "@/lib/roles";
import { toast } from "@/lib/toast";
import { keepUser } from "./keepUser";

type Props = {
  user: User;
  actor: User;
  plans: string[];
  /** The actor may not change this account. */
  locked: boolean;
};

/** The role and the plan of an account. */
export function UserForm({ user, actor, plans, locked }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [rank, setRank] = useState<Role>(rankOf(user));
  const [plan, setPlan] = useState(user.plan);
  const save = useMutation({
    mutationFn: (change: UserChange) => updateUser(user.id, change),
    onSuccess: (updated) => {
      keepUser(queries, updated);
      toast.success(t("common.saved"));
    },
  });
  const change: UserChange = {
    // A role holds those below it.
    ...(rank === rankOf(user) ? {} : { roles: roles.slice(0, roles.indexOf(rank) + 1) }),
    ...(plan === user.plan ? {} : { plan }),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) save.mutate(change);
  };
  const offered = roles.filter((role) => role !== "owner" || isOwner(actor) || isOwner(user));
  const names = plans.includes(user.plan) ? plans : [...plans, user.plan];
  return (
    <form onSubmit={submit} className="mt-6 flex flex-col gap-4 border-t pt-5">
      {save.error && <ErrorNotice error={save.error} />}
      <div className="grid grid-cols-2 gap-3">
        <Select
          label={t("admin.users.role")}
          value={rank}
          disabled={locked || user.id === actor.id}
          onChange={(event) => setRank(event.target.value as Role)}
          options={offered.map((role) => ({ value: role, label: t(`admin.roles.${role}`) }))}
        />
        <Select
          label={t("admin.users.plan")}
          value={plan}
          disabled={locked}
          onChange={(event) => setPlan(event.target.value)}
          options={names.map((name) => ({ value: name, label: name }))}
        />
      </div>
      <p className="text-ink-faint text-xs">{t(`admin.roleHints.${rank}`)}</p>
      <Button
        type="submit"
        variant="primary"
        className="self-start"
        disabled={locked || Object.keys(change).length === 0}
        pending={save.isPending}
      >
        {t("common.save")}
      </Button>
    </form>
  );
}
