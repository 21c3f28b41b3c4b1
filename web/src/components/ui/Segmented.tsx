import { type ReactNode, useId } from "react";

type Props<T extends string> = {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { value: T; label: string; icon?: ReactNode }[];
};

/** One choice of a few, all of them visible. */
export function Segmented<T extends string>({ label, value, onChange, options }: Props<T>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex rounded-md border bg-sunken p-0.5"
    >
      {options.map((option) => (
        <label
          key={option.value}
          className="relative flex h-8 cursor-pointer items-center gap-2 rounded-[5px] px-3 text-ink-soft text-sm hover:text-ink has-checked:bg-raised has-checked:text-ink has-checked:shadow-raised [&_svg]:size-4"
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="absolute inset-0 cursor-pointer appearance-none rounded-[5px]"
          />
          {option.icon}
          {option.label}
        </label>
      ))}
    </div>
  );
}
