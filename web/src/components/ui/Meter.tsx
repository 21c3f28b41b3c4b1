import { cn } from "@/lib/cn";

type Props = { label: string; value: number; limit: number; className?: string };

/** How much of a limit is used. The bar turns amber at 80 % and red at the limit. */
export function Meter({ label, value, limit, className }: Props) {
  const unlimited = limit < 0;
  const share = unlimited ? 0 : Math.min(1, limit === 0 ? 1 : value / limit);
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={label}
      className={cn("h-1.5 overflow-hidden rounded-full bg-active", className)}
    >
      <div
        className={cn(
          "h-full rounded-full transition-[width] duration-150",
          share >= 1 ? "bg-bad" : share >= 0.8 ? "bg-busy-fill" : "bg-accent",
        )}
        style={{ width: `${share * 100}%` }}
      />
    </div>
  );
}
