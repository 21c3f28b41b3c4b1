import { CircleAlert } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";

export const inputClass =
  "h-10 w-full rounded-md border [&[type=file]]:py-1.5 border-line-strong bg-surface px-3 text-[16px] text-ink transition-colors duration-100 placeholder:text-ink-faint focus:border-focus focus:outline-2 focus:outline-focus focus:-outline-offset-1 aria-invalid:border-bad disabled:opacity-60";

export type FieldProps = ComponentProps<"input"> & {
  label: string;
  hint?: string;
  error?: string;
  optional?: boolean;
  /** Sits at the right end inside of the input. */
  adornment?: ReactNode;
  inputClassName?: string;
};

/** A labelled input whose hint and error are read out with it. */
export function Field({
  label,
  hint,
  error,
  optional,
  adornment,
  className,
  inputClassName,
  ...props
}: FieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const note = error ?? hint;
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="font-[560]">
        {label}
        {optional && (
          <span className="ms-1.5 font-normal text-ink-faint">{t("auth.optional")}</span>
        )}
      </label>
      <div className="relative">
        <input
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          className={cn(inputClass, adornment && "pe-11", inputClassName)}
          {...props}
        />
        {adornment && (
          <div className="absolute inset-y-0 end-0.5 flex items-center">{adornment}</div>
        )}
      </div>
      {note && (
        <p
          id={`${id}-note`}
          className={cn("flex gap-1.5 text-xs", error ? "text-bad" : "text-ink-faint")}
        >
          {error && <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />}
          {note}
        </p>
      )}
    </div>
  );
}
