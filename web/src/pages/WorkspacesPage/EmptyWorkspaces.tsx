import { CodeXml, Plus } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";

export function EmptyWorkspaces({ onCreate }: { onCreate: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="mt-6 flex flex-col items-center rounded-lg border border-dashed px-6 py-16 text-center">
      <CodeXml aria-hidden className="size-9 text-ink-faint" strokeWidth={1.5} />
      <h2 className="mt-4 text-lg">{t("ide.emptyTitle")}</h2>
      <p className="mt-1 max-w-sm text-ink-soft">{t("ide.emptyBody")}</p>
      <Button variant="primary" className="mt-5" onClick={onCreate}>
        <Plus aria-hidden /> {t("ide.create")}
      </Button>
    </div>
  );
}
