import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { sessionKey, updateProfile } from "@/api/queries/session";
import type { SignedIn, User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { formatDateTime } from "@/lib/time";
import { toast } from "@/lib/toast";
import { Section } from "./Section";

export function Profile({ user }: { user: User }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({ defaultValues: { fullName: user.fullName } });
  const save = useMutation({
    mutationFn: updateProfile,
    onSuccess: (updated) => {
      queries.setQueryData<SignedIn>(sessionKey, (now) => now && { ...now, user: updated });
      form.reset({ fullName: updated.fullName });
      toast.success(t("common.saved"));
    },
  });
  return (
    <Section title={t("settings.profile")} lead={t("settings.profileLead")}>
      <form
        onSubmit={form.handleSubmit((values) => save.mutate({ fullName: values.fullName.trim() }))}
        className="flex max-w-md flex-col gap-4"
      >
        {save.error && <ErrorNotice error={save.error} />}
        <Field
          label={t("auth.fullName")}
          autoComplete="name"
          maxLength={255}
          {...form.register("fullName")}
        />
        <Field label={t("auth.username")} value={user.username} readOnly disabled />
        <Field label={t("auth.email")} value={user.email} readOnly disabled />
        <p className="text-ink-faint text-xs">
          {t("settings.memberSince", { date: formatDateTime(user.createdAt) })}
        </p>
        <Button
          type="submit"
          variant="primary"
          className="self-start"
          disabled={!form.formState.isDirty}
          pending={save.isPending}
        >
          {t("common.save")}
        </Button>
      </form>
    </Section>
  );
}
