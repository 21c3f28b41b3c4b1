import { ChevronDown } from "lucide-react";
import { type ComponentProps, useId } from "react";
import { cn } from "@/lib/cn";
import { inputClass } from "./Field";

type Props = ComponentProps<"select"> & {
  label: string;
  options: { value: string; label: string }[];
};

/** A labelled choice of one; the browser's own list, which works everywhere. */
export function Select({ label, options, className, ...props }: Props) {
  const id = useId();
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className="font-[560]">
        {label}
      </label>
      <div className="relative">
        <select id={id} className={cn(inputClass, "appearance-none pe-9")} {...props}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown
          aria-hidden
          className="pointer-events-none absolute top-3 end-3 size-4 text-ink-faint"
        />
      </div>
    </div>
  );
}
