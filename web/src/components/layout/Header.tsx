import { Link } from "@tanstack/react-router";
import { Code, MessageCircle, Search, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import type { User } from "@/api/types";
import { Logo } from "@/components/Logo";
import { openSearch } from "@/components/search/open";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { isAdmin } from "@/lib/roles";
import { AccountMenu } from "./AccountMenu";
import { UsageMeter } from "./UsageMeter";
import { useRegistrationOpen } from "./useRegistrationOpen";

const linkClass =
  "h-8 items-center gap-2 rounded-md px-2.5 font-[560] text-ink-soft hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:text-ink [&_svg]:size-4";

type Props = {
  user: User | undefined;
  /** On a small screen the navigation makes room for what the page adds. */
  narrowNav?: boolean;
  /** What the page itself adds, after the navigation. */
  children?: ReactNode;
};

export function Header({ user, narrowNav, children }: Props) {
  const { t } = useTranslation();
  const label = narrowNav ? "sr-only sm:not-sr-only" : undefined;
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b bg-surface px-3">
      <Link
        to="/"
        aria-label={t("nav.home")}
        className="me-1 flex h-8 items-center gap-2 rounded-md px-1.5 hover:bg-hover"
      >
        <Logo className="size-5 text-accent" />
        <span className="hidden font-[680] text-[16px] tracking-[-0.01em] sm:block">
          {t("common.appName")}
        </span>
      </Link>
      {user && (
        <nav aria-label={t("nav.label")} className="flex gap-0.5">
          <Link to="/chat" className={cn(linkClass, "flex")}>
            <MessageCircle aria-hidden /> <span className={label}>{t("nav.chat")}</span>
          </Link>
          <Link to="/ide" className={cn(linkClass, "flex")}>
            <Code aria-hidden /> <span className={label}>{t("nav.ide")}</span>
          </Link>
          {isAdmin(user) && (
            // On a small screen it is in the account's menu only.
            <Link to="/admin" className={cn(linkClass, "hidden sm:flex")}>
              <ShieldCheck aria-hidden /> {t("nav.admin")}
            </Link>
          )}
        </nav>
      )}
      <div className="flex min-w-0 grow items-center gap-2">{children}</div>
      {user ? (
        <>
          <button
            type="button"
            className={cn(linkClass, narrowNav ? "hidden sm:flex" : "flex")}
            onClick={openSearch}
          >
            <Search aria-hidden />
            <span className="sr-only">{t("search.open")}</span>
            <kbd className="hidden font-normal font-sans text-ink-faint text-xs lg:inline">
              {t("search.key")}
            </kbd>
          </button>
          <UsageMeter />
          <AccountMenu user={user} />
        </>
      ) : (
        <SignInLinks />
      )}
    </header>
  );
}

function SignInLinks() {
  const { t } = useTranslation();
  const open = useRegistrationOpen();
  return (
    <>
      <Button asChild variant="ghost" size="sm">
        <Link to="/login">{t("nav.signIn")}</Link>
      </Button>
      {open && (
        <Button asChild variant="primary" size="sm">
          <Link to="/register">{t("nav.register")}</Link>
        </Button>
      )}
    </>
  );
}
