import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Segmented } from "@/components/ui/Segmented";
import { setThemeChoice, useThemeChoice } from "@/theme/theme";
import { Section } from "./Section";

export function Appearance() {
  const { t } = useTranslation();
  const choice = useThemeChoice();
  return (
    <Section id="appearance" lead={t("settings.appearanceLead")}>
      <Segmented
        label={t("nav.theme")}
        value={choice}
        onChange={setThemeChoice}
        options={[
          { value: "system", label: t("theme.system"), icon: <Monitor aria-hidden /> },
          { value: "light", label: t("theme.light"), icon: <Sun aria-hidden /> },
          { value: "dark", label: t("theme.dark"), icon: <Moon aria-hidden /> },
        ]}
      />
    </Section>
  );
}
