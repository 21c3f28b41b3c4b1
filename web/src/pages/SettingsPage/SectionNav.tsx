import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import type { SectionId } from "./sections";
import { sections } from "./sections";
import { useSectionInView } from "./useSectionInView";

/** Where one is in the settings: beside them, or a strip above on a narrow screen. */
export function SectionNav() {
  const { t } = useTranslation();
  const current = useSectionInView(sections);
  const strip = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const link = strip.current?.querySelector<HTMLElement>("[aria-current]");
    if (!link || !strip.current) return;
    // Not scrollIntoView, which would move the page as well.
    strip.current.scrollLeft =
      link.offsetLeft - strip.current.clientWidth / 2 + link.clientWidth / 2;
  });
  return (
    <nav
      aria-label={t("settings.title")}
      className="sticky top-0 z-10 -mx-4 border-b bg-surface sm:-mx-8 lg:top-6 lg:mx-0 lg:self-start lg:border-b-0"
    >
      <ul
        ref={strip}
        className="relative flex gap-0.5 overflow-x-auto px-4 py-2 [scrollbar-width:none] sm:px-8 lg:flex-col lg:px-0 lg:py-0"
      >
        {sections.map((id) => (
          <li key={id} className="shrink-0">
            <SectionLink id={id} current={id === current} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function SectionLink({ id, current }: { id: SectionId; current: boolean }) {
  const { t } = useTranslation();
  return (
    <Link
      to="/settings"
      hash={id}
      replace
      // The router marks what has the same path; here the place on the page counts.
      activeProps={{}}
      activeOptions={{ includeHash: true }}
      aria-current={current ? "location" : undefined}
      className={cn(
        "flex h-8 items-center whitespace-nowrap rounded-md px-2.5 hover:bg-hover hover:text-ink",
        current ? "bg-hover font-[560] text-ink" : "text-ink-soft",
      )}
    >
      {t(`settings.sections.${id}`)}
    </Link>
  );
}
