import { Link } from "@tanstack/react-router";
import { ListChecks, X } from "lucide-react";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { IconButton } from "@/components/ui/IconButton";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { remindsOfSetup, setupSteps } from "@/lib/setup";
import { useSetup } from "@/lib/useSetup";

/** Leads the owner of a new deployment to what is to be set up, until it is or is put away. */
export function SetupReminder({ user }: { user: User }) {
  const { t } = useTranslation();
  const { setup, change } = useSetup(user);
  if (!remindsOfSetup(user)) return null;
  return (
    <Notice icon={ListChecks} className="mt-6">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 grow">
          <b className="font-[620]">{t("setup.title")}</b>{" "}
          {t("setup.progress", { done: setup.done.length, all: setupSteps.length })}
        </p>
        <Button asChild size="sm" variant="primary">
          <Link to="/admin/setup">{t(setup.done.length ? "setup.resume" : "setup.begin")}</Link>
        </Button>
        <IconButton
          small
          label={t("setup.dismiss")}
          onClick={() => change({ ...setup, dismissed: true })}
        >
          <X />
        </IconButton>
      </div>
    </Notice>
  );
}
