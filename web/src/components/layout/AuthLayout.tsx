import type { ReactNode } from "react";
import { Logo } from "@/components/Logo";
import { AppShell } from "./AppShell";

type Props = { title: string; lead: string; children: ReactNode; footer?: ReactNode };

/** The frame of the pages that ask who you are. */
export function AuthLayout({ title, lead, children, footer }: Props) {
  return (
    <AppShell>
      <div className="grid grow place-items-center bg-sunken px-4 py-10">
        <div className="w-full max-w-[400px]">
          <div className="rounded-xl border bg-surface p-6 shadow-raised sm:p-8">
            <Logo className="size-8 text-accent" />
            <h1 className="mt-4 text-xl">{title}</h1>
            <p className="mt-1 text-ink-soft">{lead}</p>
            <div className="mt-6">{children}</div>
          </div>
          {footer && <p className="mt-5 text-center text-ink-soft">{footer}</p>}
        </div>
      </div>
    </AppShell>
  );
}
