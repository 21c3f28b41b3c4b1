import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import en from "./en.json";
import { subscribeLanguage } from "./language";
import { addTexts, followLanguage } from "./texts";

await i18n.use(initReactI18next).init({
  showSupportNotice: false,
  lng: "en",
  fallbackLng: "en",
  resources: {},
  // Some come with their pages.
  partialBundledLanguages: true,
  // React escapes what it renders.
  interpolation: { escapeValue: false },
});

// Errors arrive in English: only other languages have texts for them.
await Promise.all([
  addTexts(en, () => import("./de.json")),
  addTexts({}, () => import("./de.errors.json")),
]);
await followLanguage();
subscribeLanguage(() => void followLanguage());

export default i18n;
