import { Link } from "@tanstack/react-router";
import { Logo } from "@/components/Logo";
import { AppShell } from "@/components/layout/AppShell";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";

export function NotFoundPage() {
  return (
    <AppShell>
      <NotFound />
    </AppShell>
  );
}

/** For an address of nothing, and for what is not there or not yours. */
export function NotFound() {
  const { t } = useTranslation();
  return (
    <div className="m-auto flex max-w-md flex-col items-center px-6 py-16 text-center">
      <PageTitle title={t("error.notFoundTitle")} />
      <Logo className="size-12 text-line-strong" />
      <h1 className="mt-6 text-xl">{t("error.notFoundTitle")}</h1>
      <p className="mt-2 text-ink-soft">{t("error.notFoundBody")}</p>
      <Button asChild className="mt-6">
        <Link to="/">{t("error.goHome")}</Link>
      </Button>
    </div>
  );
}
