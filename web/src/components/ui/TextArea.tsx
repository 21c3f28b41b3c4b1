import { type ComponentProps, useId } from "react";
import { cn } from "@/lib/cn";
import { inputClass } from "./Field";

type Props = ComponentProps<"textarea"> & { label: string; hint?: string };

/** A labelled field for several lines; its hint is read out with it. */
export function TextArea({ label, hint, className, ...props }: Props) {
  const id = useId();
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="font-[560]">
        {label}
      </label>
      <textarea
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className={cn(inputClass, "h-auto! resize-y py-2 leading-6")}
        {...props}
      />
      {hint && (
        <p id={`${id}-hint`} className="text-ink-faint text-xs">
          {hint}
        </p>
      )}
    </div>
  );
}
