import { Link } from "@tanstack/react-router";
import { CodeXml, Gauge, MessagesSquare } from "lucide-react";
import type { ComponentType } from "react";
import { AppShell } from "@/components/layout/AppShell";
import { useRegistrationOpen } from "@/components/layout/useRegistrationOpen";
import { PageTitle } from "@/components/PageTitle";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { ProductPreview } from "./ProductPreview";

export function Landing() {
  const { t } = useTranslation();
  const open = useRegistrationOpen();
  return (
    <AppShell>
      <PageTitle />
      <div className="mx-auto w-full max-w-6xl px-4 pt-14 pb-20 sm:px-8 sm:pt-20">
        <div className="max-w-2xl">
          <h1 className="whitespace-pre-line font-[680] text-[38px] leading-[1.06] tracking-[-0.022em] sm:text-[56px]">
            {t("landing.title")}
          </h1>
          <p className="mt-5 text-ink-soft text-lg sm:text-[20px] sm:leading-[30px]">
            {t("landing.lead")}
          </p>
          <div className="mt-8 flex flex-wrap gap-3">
            {open && (
              <Button asChild variant="primary" size="lg">
                <Link to="/register">{t("landing.start")}</Link>
              </Button>
            )}
            <Button asChild size="lg" variant={open ? "secondary" : "primary"}>
              <Link to="/login">{open ? t("landing.signIn") : t("nav.signIn")}</Link>
            </Button>
          </div>
        </div>
        <ProductPreview />
        <ul className="mt-14 grid gap-8 sm:grid-cols-3">
          <Point
            icon={MessagesSquare}
            title={t("landing.chatTitle")}
            body={t("landing.chatBody")}
          />
          <Point icon={CodeXml} title={t("landing.ideTitle")} body={t("landing.ideBody")} />
          <Point icon={Gauge} title={t("landing.oneTitle")} body={t("landing.oneBody")} />
        </ul>
      </div>
    </AppShell>
  );
}

type PointProps = {
  icon: ComponentType<{ className?: string; "aria-hidden"?: boolean }>;
  title: string;
  body: string;
};

function Point({ icon: Icon, title, body }: PointProps) {
  return (
    <li>
      <Icon aria-hidden className="size-6 text-accent" />
      <h2 className="mt-3 text-[17px]">{title}</h2>
      <p className="mt-1 text-ink-soft">{body}</p>
    </li>
  );
}
