import { Download } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { exportPath } from "@/api/queries/account";
import type { User } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { Section } from "./Section";

const DeleteAccountDialog = lazy(() =>
  import("./DeleteAccountDialog").then((module) => ({ default: module.DeleteAccountDialog })),
);

/** Taking everything along, and leaving. */
export function YourData({ user }: { user: User }) {
  const { t } = useTranslation();
  const [deleting, setDeleting] = useState(false);
  return (
    <Section id="data" lead={t("settings.dataLead")}>
      <div className="divide-y rounded-lg border">
        <div className="flex flex-col gap-3 p-4 sm:flex-row sm:items-start sm:gap-6">
          <div className="min-w-0 grow">
            <h3 className="font-[560]">{t("settings.export")}</h3>
            <p className="mt-1 text-ink-soft">{t("settings.exportLead")}</p>
          </div>
          <Button asChild className="self-start">
            <a href={exportPath} download>
              <Download aria-hidden /> {t("settings.exportAction")}
            </a>
          </Button>
        </div>
        <div className="flex flex-col gap-3 p-4 sm:flex-row sm:items-start sm:gap-6">
          <div className="min-w-0 grow">
            <h3 className="font-[560]">{t("settings.deleteAccount")}</h3>
            <p className="mt-1 text-ink-soft">{t("settings.deleteAccountLead")}</p>
          </div>
          <Button variant="danger" className="self-start" onClick={() => setDeleting(true)}>
            {t("settings.deleteAccountAction")}
          </Button>
        </div>
      </div>
      {deleting && (
        <Suspense fallback={null}>
          <DeleteAccountDialog user={user} onClose={() => setDeleting(false)} />
        </Suspense>
      )}
    </Section>
  );
}
