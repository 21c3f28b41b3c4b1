import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const variants = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  secondary: "border bg-raised text-ink shadow-raised hover:bg-hover",
  ghost: "text-ink-soft hover:bg-hover hover:text-ink",
  danger: "bg-bad text-on-accent hover:bg-bad-hover",
};

const sizes = {
  sm: "h-8 gap-1.5 rounded-md px-3 text-sm",
  md: "h-9 gap-2 rounded-md px-3.5 text-sm",
  lg: "h-11 gap-2 rounded-lg px-5 text-[16px]",
};

export type ButtonProps = ComponentProps<"button"> & {
  variant?: keyof typeof variants;
  size?: keyof typeof sizes;
  /** Renders the one child, a link for instance, with the look of a button. */
  asChild?: boolean;
  /** Locks the button while its action runs, without taking the focus from it. */
  pending?: boolean;
};

export function Button({
  variant = "secondary",
  size = "md",
  asChild,
  pending,
  className,
  onClick,
  ...props
}: ButtonProps) {
  const Tag = asChild ? Slot.Root : "button";
  return (
    <Tag
      {...(asChild ? {} : { type: "button" })}
      aria-disabled={pending || undefined}
      aria-busy={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : onClick}
      className={cn(
        "inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap font-[560] transition-colors duration-100",
        "disabled:cursor-not-allowed disabled:opacity-50 aria-busy:animate-pulse-soft aria-busy:cursor-progress",
        "[&_svg]:size-4 [&_svg]:shrink-0",
        variants[variant],
        sizes[size],
        className,
      )}
      {...props}
    />
  );
}
