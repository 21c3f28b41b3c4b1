import { useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { defaultModel, isDemo, modelsQuery } from "@/api/queries/models";
import { useTranslation } from "@/i18n/useTranslation";

/** Says on every screen that answers come from the demo provider, when they do. */
export function DemoBanner() {
  const { t } = useTranslation();
  const { data: models } = useQuery(modelsQuery);
  if (!models || !isDemo(defaultModel(models))) return null;
  return (
    <aside
      aria-label={t("demo.label")}
      className="flex shrink-0 items-center justify-center gap-2 border-b bg-busy-soft px-3 py-1 text-center text-busy text-xs"
    >
      <FlaskConical aria-hidden className="size-3.5 shrink-0" />
      {t("demo.banner")}
    </aside>
  );
}
