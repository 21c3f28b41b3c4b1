import { useTranslation } from "react-i18next";

/** The title of the window; React puts it into <head>. */
export function PageTitle({ title }: { title?: string }) {
  const { t } = useTranslation();
  return <title>{title ? `${title} · ${t("common.appName")}` : t("common.appName")}</title>;
}
