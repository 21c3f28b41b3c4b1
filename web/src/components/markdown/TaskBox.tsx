import type { ComponentProps } from "react";
import { useTranslation } from "@/i18n/useTranslation";

/** The box of a task list's item: it tells its state and can't be changed. */
export function TaskBox({ checked }: ComponentProps<"input">) {
  const { t } = useTranslation();
  const label = checked ? t("markdown.done") : t("markdown.open");
  return <input type="checkbox" checked={checked ?? false} aria-label={label} disabled readOnly />;
}
