import { Link, type LinkProps } from "@tanstack/react-router";
import { type ReactNode, useId } from "react";

type Props = { title: string; more?: { to: LinkProps["to"]; label: string }; children: ReactNode };

/** A titled part of the start page, with the way to all of it. */
export function Panel({ title, more, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="min-w-0">
      <div className="flex items-baseline gap-3 border-b pb-2">
        <h2 id={id} className="grow text-[16px]">
          {title}
        </h2>
        {more && (
          <Link to={more.to} className="text-accent-ink text-sm underline-offset-3 hover:underline">
            {more.label}
          </Link>
        )}
      </div>
      {children}
    </section>
  );
}
