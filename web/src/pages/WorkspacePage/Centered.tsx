import type { ReactNode } from "react";

/** The middle of the page, for a workspace that has no editor to show yet. */
export function Centered({ children }: { children: ReactNode }) {
  return (
    <div className="min-h-0 grow overflow-y-auto bg-sunken">
      <div className="mx-auto flex min-h-full w-full max-w-xl flex-col justify-center px-4 py-10">
        <div className="rounded-xl border bg-surface p-6 shadow-raised sm:p-8">{children}</div>
      </div>
    </div>
  );
}
