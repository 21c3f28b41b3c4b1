import { Link, type LinkProps } from "@tanstack/react-router";
import { points } from "./sparkline";

type Props = {
  title: string;
  /** The figure that counts. */
  value: string;
  note: string;
  to: LinkProps["to"];
  /** A line of the last days, and what it is of. */
  days?: { values: number[]; of: string };
};

/** A figure of the platform, with the way to where it comes from. */
export function Tile({ title, value, note, to, days }: Props) {
  return (
    <Link
      to={to}
      className="flex flex-col rounded-lg border bg-raised p-4 hover:border-line-strong"
    >
      <span className="text-ink-soft text-sm">{title}</span>
      <span className="mt-1 font-[560] text-2xl tabular-nums">{value}</span>
      <span className="mt-0.5 text-ink-soft text-sm">{note}</span>
      {days && (
        <>
          <svg
            aria-hidden
            viewBox="0 0 100 100"
            preserveAspectRatio="none"
            className="mt-3 h-10 w-full overflow-visible text-accent"
          >
            <polyline
              points={points(days.values)}
              fill="none"
              stroke="currentColor"
              strokeWidth={1.5}
              strokeLinejoin="round"
              vectorEffect="non-scaling-stroke"
            />
          </svg>
          <span className="mt-1.5 text-ink-soft text-xs">{days.of}</span>
        </>
      )}
    </Link>
  );
}
