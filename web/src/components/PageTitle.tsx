import { useTranslation } from "@/i18n/useTranslation";

/** The title of the window; React puts it into <head>. */
export function PageTitle({ title }: { title?: string }) {
  const { t } = useTranslation();
  return <title>{title ? `${title} · ${t("common.appName")}` : t("common.appName")}</title>;
}
