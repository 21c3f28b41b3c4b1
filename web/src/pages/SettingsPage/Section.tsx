import { type ReactNode, useId } from "react";

type Props = { title: string; lead: string; children: ReactNode };

/** One subject of the settings: what it is on the left, its controls on the right. */
export function Section({ title, lead, children }: Props) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="grid gap-4 border-b py-8 last:border-b-0 md:grid-cols-[240px_1fr] md:gap-8"
    >
      <div>
        <h2 id={id} className="text-[16px]">
          {title}
        </h2>
        <p className="mt-1 text-ink-soft">{lead}</p>
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}
