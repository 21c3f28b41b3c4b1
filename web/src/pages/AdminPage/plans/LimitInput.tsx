import { Field } from "@/components/ui/Field";
import { useTranslation } from "@/i18n/useTranslation";
import type { Limit } from "@/lib/limits";
import type { LimitValue } from "./values";

type Props = {
  limit: Limit;
  value: LimitValue;
  invalid: boolean;
  onChange: (value: LimitValue) => void;
};

/** An amount in its unit, or no limit at all. */
export function LimitInput({ limit, value, invalid, onChange }: Props) {
  const { t } = useTranslation();
  const name = t(`admin.limits.${limit.field}`);
  return (
    <fieldset className="flex items-start gap-4">
      <legend className="sr-only">{name}</legend>
      <Field
        label={t("admin.limitLabel", { name, unit: t(`admin.units.${limit.field}`) })}
        inputMode="decimal"
        autoComplete="off"
        className="min-w-0 grow"
        inputClassName="tabular-nums"
        disabled={value.none}
        value={value.none ? "" : value.text}
        placeholder={value.none ? t("common.unlimited") : undefined}
        error={invalid ? t("admin.limitInvalid") : undefined}
        onChange={(event) => onChange({ ...value, text: event.target.value })}
      />
      <label className="mt-6.5 flex h-10 shrink-0 items-center gap-2">
        <input
          type="checkbox"
          checked={value.none}
          onChange={(event) => onChange({ ...value, none: event.target.checked })}
        />
        {t("admin.noLimit")}
      </label>
    </fieldset>
  );
}
