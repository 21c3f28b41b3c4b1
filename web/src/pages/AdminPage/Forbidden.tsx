import { Link } from "@tanstack/react-router";
import { ShieldX } from "lucide-react";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";

/** For somebody who is signed in, and not as an administrator. */
export function Forbidden() {
  const { t } = useTranslation();
  return (
    <div className="m-auto flex max-w-md flex-col items-center px-6 py-16 text-center">
      <PageTitle title={t("admin.forbiddenTitle")} />
      <ShieldX aria-hidden strokeWidth={1.5} className="size-12 text-line-strong" />
      <p className="mt-5 font-mono text-ink-faint text-xs">403</p>
      <h1 className="mt-1 text-xl">{t("admin.forbiddenTitle")}</h1>
      <p className="mt-2 text-ink-soft">{t("admin.forbiddenBody")}</p>
      <Button asChild className="mt-6">
        <Link to="/">{t("error.goHome")}</Link>
      </Button>
    </div>
  );
}
