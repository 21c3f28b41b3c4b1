import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { asApiError } from "@/api/errors";
import { sessionKey, updateProfile } from "@/api/queries/session";
import type { SignedIn, User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";
import { showFieldErrors } from "@/lib/forms";
import { formatDateTime } from "@/lib/time";
import { toast } from "@/lib/toast";
import { z } from "@/lib/zod";

type Values = { fullName: string; avatarUrl: string };

const names = ["fullName", "avatarUrl"] as const;
const valuesOf = ({ fullName, avatarUrl }: User): Values => ({ fullName, avatarUrl });

export function ProfileForm({ user }: { user: User }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const address = z.url({ protocol: /^https?$/, error: t("settings.avatarInvalid") });
  const form = useForm<Values>({
    resolver: zodResolver(
      z.object({
        fullName: z.string().check(z.trim(), z.maxLength(255)),
        avatarUrl: z.pipe(
          z.string().check(z.trim(), z.maxLength(2048)),
          z.union([z.literal(""), address]),
        ),
      }),
    ),
    defaultValues: valuesOf(user),
  });
  const { errors, isDirty } = form.formState;
  const save = useMutation({
    mutationFn: updateProfile,
    onSuccess: (updated) => {
      queries.setQueryData<SignedIn>(sessionKey, (now) => now && { ...now, user: updated });
      form.reset(valuesOf(updated));
      toast.success(t("common.saved"));
    },
    onError: (error) => showFieldErrors(form, names, error),
  });
  const unplaced = save.error && Object.keys(asApiError(save.error).fields).length === 0;
  return (
    <form
      noValidate
      onSubmit={form.handleSubmit((values) => save.mutate(values))}
      className="flex max-w-md flex-col gap-4"
    >
      {unplaced && <ErrorNotice error={save.error} />}
      <Field
        label={t("auth.fullName")}
        autoComplete="name"
        maxLength={255}
        error={errors.fullName?.message}
        {...form.register("fullName")}
      />
      <Field
        label={t("settings.avatar")}
        hint={t("settings.avatarHint")}
        optional
        type="url"
        autoComplete="photo"
        maxLength={2048}
        placeholder="https://"
        error={errors.avatarUrl?.message}
        {...form.register("avatarUrl")}
      />
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 rounded-md bg-sunken px-3 py-2.5">
        <Fact label={t("auth.username")}>{user.username}</Fact>
        <Fact label={t("auth.email")}>{user.email}</Fact>
        <Fact label={t("settings.memberSince")}>{formatDateTime(user.createdAt)}</Fact>
      </dl>
      <Button
        type="submit"
        variant="primary"
        className="self-start"
        disabled={!isDirty}
        pending={save.isPending}
      >
        {t("common.save")}
      </Button>
    </form>
  );
}

function Fact({ label, children }: { label: string; children: string }) {
  return (
    <>
      <dt className="text-ink-soft">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
