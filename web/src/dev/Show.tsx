import type { ReactNode } from "react";

type Props = { title: string; children: ReactNode };

/** A component by its name, in all of its states. */
export function Show({ title, children }: Props) {
  return (
    <section aria-label={title} className="border-t py-6">
      <h2 className="mb-4 text-lg">{title}</h2>
      <div className="flex flex-col gap-4">{children}</div>
    </section>
  );
}

/** States beside each other, as far as there is room. */
export function Row({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center gap-3">{children}</div>;
}
