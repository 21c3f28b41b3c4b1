import { Monitor, Moon, Sun } from "lucide-react";
import { Segmented } from "@/components/ui/Segmented";
import {
  type LanguageChoice,
  languages,
  setLanguageChoice,
  useLanguageChoice,
} from "@/i18n/language";
import { useTranslation } from "@/i18n/useTranslation";
import { setThemeChoice, useThemeChoice } from "@/theme/theme";
import { Section } from "./Section";

export function Appearance() {
  const { t } = useTranslation();
  const choice = useThemeChoice();
  const language = useLanguageChoice();
  return (
    <Section id="appearance" lead={t("settings.appearanceLead")}>
      <div className="grid gap-5">
        <div>
          <p aria-hidden className="mb-2 font-medium text-sm">
            {t("nav.theme")}
          </p>
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
        </div>
        <div>
          <p aria-hidden className="mb-2 font-medium text-sm">
            {t("settings.language")}
          </p>
          <Segmented<LanguageChoice>
            label={t("settings.language")}
            value={language}
            onChange={setLanguageChoice}
            options={[
              { value: "system", label: t("settings.languageSystem") },
              { value: "en", label: languages.en },
              { value: "de", label: languages.de },
            ]}
          />
        </div>
      </div>
    </Section>
  );
}
