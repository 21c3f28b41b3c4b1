import { zodResolver } from "@hookform/resolvers/zod";
import { useId } from "react";
import { Controller, useForm } from "react-hook-form";
import type { TokenRequest } from "@/api/queries/tokens";
import type { Scope } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { DialogActions } from "@/components/ui/Dialog";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Field } from "@/components/ui/Field";
import { Segmented } from "@/components/ui/Segmented";
import { useTranslation } from "@/i18n/useTranslation";
import { z } from "@/lib/zod";

const scopes: Scope[] = ["ai", "chat", "ide", "account"];
const lifetimes = [30, 90, 365];

type Values = { name: string; scopes: string[]; days: string };

type Props = {
  admin: boolean;
  pending: boolean;
  error: Error | null;
  onSubmit: (request: TokenRequest) => void;
};

export function CreateTokenForm({ admin, pending, error, onSubmit }: Props) {
  const { t } = useTranslation();
  const noteId = useId();
  const form = useForm<Values>({
    resolver: zodResolver(
      z.object({
        name: z
          .string()
          .check(
            z.trim(),
            z.minLength(1, t("auth.required")),
            z.maxLength(100, t("settings.tokenNameLong")),
          ),
        scopes: z.array(z.string()).check(z.minLength(1, t("settings.tokenScopesNeeded"))),
        days: z.string(),
      }),
    ),
    defaultValues: { name: "", scopes: [], days: "90" },
  });
  const { errors } = form.formState;
  const submit = form.handleSubmit(({ name, scopes, days }) =>
    onSubmit({ name, scopes, expiresAt: inDays(Number(days)) }),
  );
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      {error && <ErrorNotice error={error} />}
      <Field
        label={t("settings.tokenName")}
        hint={t("settings.tokenNameHint")}
        autoComplete="off"
        error={errors.name?.message}
        {...form.register("name")}
      />
      <fieldset aria-describedby={errors.scopes ? noteId : undefined}>
        <legend className="mb-1.5 font-[560]">{t("settings.tokenScopes")}</legend>
        <div className="flex flex-wrap gap-x-5 gap-y-2">
          {(admin ? [...scopes, "admin" as const] : scopes).map((scope) => (
            <label key={scope} className="flex items-center gap-2">
              <input type="checkbox" value={scope} {...form.register("scopes")} />
              {t(`settings.scopes.${scope}`)}
            </label>
          ))}
        </div>
        {errors.scopes && (
          <p id={noteId} className="mt-1.5 text-bad text-xs">
            {errors.scopes.message}
          </p>
        )}
      </fieldset>
      <div className="flex flex-col items-start gap-1.5">
        <span className="font-[560]">{t("settings.tokenExpiry")}</span>
        <Controller
          control={form.control}
          name="days"
          render={({ field }) => (
            <Segmented
              label={t("settings.tokenExpiry")}
              value={field.value}
              onChange={field.onChange}
              options={[
                ...lifetimes.map((count) => ({
                  value: String(count),
                  label: t("settings.tokenDays", { count }),
                })),
                { value: "0", label: t("settings.tokenForever") },
              ]}
            />
          )}
        />
      </div>
      <DialogActions>
        <Button type="submit" variant="primary" pending={pending}>
          {t("settings.tokenCreate")}
        </Button>
      </DialogActions>
    </form>
  );
}

/** The moment so many days from now; none for 0, which is no end. */
function inDays(days: number): string | undefined {
  return days === 0 ? undefined : new Date(Date.now() + days * 86_400_000).toISOString();
}
