import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { asApiError } from "@/api/errors";
import { devicesQuery } from "@/api/queries/devices";
import { changePassword, type PasswordChange } from "@/api/queries/password";
import { sessionKey } from "@/api/queries/session";
import type { User } from "@/api/types";
import { NewPasswordForm } from "@/components/NewPasswordForm";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { NewPasswordField } from "@/components/ui/NewPasswordField";
import { PasswordField } from "@/components/ui/PasswordField";
import { useTranslation } from "@/i18n/useTranslation";
import { showFieldErrors } from "@/lib/forms";
import { passwordSchema } from "@/lib/password";
import { toast } from "@/lib/toast";
import { z } from "@/lib/zod";

const empty: PasswordChange = { currentPassword: "", newPassword: "" };
const names = ["currentPassword", "newPassword"] as const;

export function PasswordForm({ user }: { user: User }) {
  return user.hasPassword ? <ChangePassword user={user} /> : <FirstPassword user={user} />;
}

/** For an account that signs in with a linked login alone. */
function FirstPassword({ user }: { user: User }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (newPassword: string) => changePassword({ currentPassword: "", newPassword }),
    onSuccess: () => {
      toast.success(t("settings.passwordSet"));
      void queries.invalidateQueries({ queryKey: sessionKey });
    },
  });
  return (
    <div className="flex max-w-md flex-col gap-4">
      <p>{t("settings.passwordNone")}</p>
      <NewPasswordForm
        username={user.username}
        submit={t("settings.passwordFirst")}
        pending={set.isPending}
        error={set.error}
        onSubmit={(newPassword) => set.mutate(newPassword)}
      />
    </div>
  );
}

function ChangePassword({ user }: { user: User }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm<PasswordChange>({
    resolver: zodResolver(
      z.object({
        currentPassword: z.string().check(z.minLength(1, t("auth.required"))),
        newPassword: passwordSchema(t),
      }),
    ),
    defaultValues: empty,
  });
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      form.reset(empty);
      toast.success(t("settings.passwordChanged"));
      void queries.invalidateQueries({ queryKey: sessionKey });
      void queries.invalidateQueries({ queryKey: devicesQuery.queryKey });
    },
    onError: (error) => showFieldErrors(form, names, error),
  });
  const { errors } = form.formState;
  const unplaced = change.error && Object.keys(asApiError(change.error).fields).length === 0;
  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((values) => change.mutate(values))}
      className="flex max-w-md flex-col gap-4"
    >
      {user.mustChangePassword && (
        <p className="rounded-md bg-busy-soft px-3 py-2 text-busy">
          {t("settings.passwordMadeUp")}
        </p>
      )}
      {unplaced && <ErrorNotice error={change.error} />}
      <input hidden readOnly autoComplete="username" value={user.username} />
      <PasswordField
        label={t("auth.currentPassword")}
        autoComplete="current-password"
        error={errors.currentPassword?.message}
        {...form.register("currentPassword")}
      />
      <NewPasswordField
        label={t("auth.newPassword")}
        value={form.watch("newPassword")}
        error={errors.newPassword?.message}
        {...form.register("newPassword")}
      />
      <Button type="submit" variant="primary" className="self-start" pending={change.isPending}>
        {t("settings.passwordChange")}
      </Button>
    </form>
  );
}
