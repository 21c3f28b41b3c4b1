import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sessionQuery } from "@/api/queries/session";
import { Search } from "@/components/search/Search";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { Announcements } from "./Announcements";
import { DemoBanner } from "./DemoBanner";
import { Header } from "./Header";
import { OfflineBanner } from "./OfflineBanner";

type Props = {
  /** Fills the window exactly; the page scrolls inside of itself. */
  fixed?: boolean;
  header?: ReactNode;
  narrowNav?: boolean;
  children: ReactNode;
};

/** The frame of every page: the header, what must be said, the page's content. */
export function AppShell({ fixed, header, narrowNav, children }: Props) {
  const { t } = useTranslation();
  const { data: signedIn } = useQuery(sessionQuery);
  return (
    <div className={cn("flex flex-col", fixed ? "h-dvh overflow-hidden" : "min-h-dvh")}>
      <a
        href="#content"
        className="fixed top-2 start-2 z-50 -translate-y-16 rounded-md bg-ink px-3 py-2 text-surface focus:translate-y-0"
      >
        {t("common.skipToContent")}
      </a>
      <Header user={signedIn?.user} narrowNav={narrowNav}>
        {header}
      </Header>
      {signedIn && <Announcements />}
      {signedIn && <DemoBanner />}
      <OfflineBanner />
      {signedIn && <Search />}
      <main id="content" tabIndex={-1} className="flex min-h-0 grow flex-col focus:outline-none">
        {children}
      </main>
    </div>
  );
}
