import type { Workspace } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";
import { Centered } from "./Centered";

export function StoppingPanel({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation();
  return (
    <Centered>
      <div role="status">
        <h2 className="text-xl">{t("workspace.stoppingTitle", { name: workspace.name })}</h2>
        <p className="mt-2 text-ink-soft">{t("workspace.stoppingBody")}</p>
      </div>
    </Centered>
  );
}
