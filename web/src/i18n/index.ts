import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import type admin from "./en.admin.json";
import type chat from "./en.chat.json";
import en from "./en.json";
import type search from "./en.search.json";
import type settings from "./en.settings.json";

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    // The texts of some pages come with those pages: see admin.ts and settings.ts.
    resources: {
      translation: typeof en & typeof admin & typeof chat & typeof search & typeof settings;
    };
  }
}

void i18n.use(initReactI18next).init({
  showSupportNotice: false,
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: en } },
  // React escapes what it renders.
  interpolation: { escapeValue: false },
});

export default i18n;
