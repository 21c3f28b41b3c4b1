import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { Tooltip } from "./Tooltip";

type Props = Omit<ComponentProps<"button">, "aria-label"> & {
  /** What the button does: its accessible name and its tooltip. */
  label: string;
  small?: boolean;
};

export function IconButton({ label, small, className, ...props }: Props) {
  return (
    <Tooltip label={label}>
      <button
        type="button"
        aria-label={label}
        className={cn(
          "inline-flex shrink-0 items-center justify-center rounded-md text-ink-faint transition-colors duration-100",
          "hover:bg-hover hover:text-ink disabled:cursor-not-allowed disabled:opacity-40 data-[state=open]:bg-hover data-[state=open]:text-ink",
          small ? "size-7 [&_svg]:size-[15px]" : "size-9 [&_svg]:size-[18px]",
          className,
        )}
        {...props}
      />
    </Tooltip>
  );
}
