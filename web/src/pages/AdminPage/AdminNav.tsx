import { Link, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "@/i18n/useTranslation";

const pages = [
  { to: "/admin", label: "admin.overview.title" },
  { to: "/admin/users", label: "admin.users.title" },
  { to: "/admin/workspaces", label: "admin.workspaces.title" },
  { to: "/admin/plans", label: "admin.plans.title" },
  { to: "/admin/usage", label: "admin.usage.title" },
  { to: "/admin/audit", label: "admin.audit.title" },
  { to: "/admin/announcements", label: "admin.announcements.title" },
] as const;

export function AdminNav() {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a narrow screen, the page's own name may be out of sight, also once the names are in another language.
  useEffect(() => {
    const here = list.current?.querySelector("[aria-current=page]");
    here?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname, t]);
  return (
    <nav aria-label={t("admin.title")} className="border-b">
      <ul
        ref={list}
        className="mx-auto flex max-w-6xl gap-1 overflow-x-auto px-1.5 [scrollbar-width:none] sm:px-5.5"
      >
        {pages.map(({ to, label }) => (
          <li key={to} className="shrink-0">
            <Link
              to={to}
              activeOptions={{ exact: to === "/admin" }}
              className="-mb-px flex h-11 items-center border-transparent border-b-2 px-2.5 font-[560] text-ink-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
            >
              {t(label)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
