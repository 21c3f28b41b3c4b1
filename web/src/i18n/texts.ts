import i18n from "i18next";
import { currentLanguage } from "./language";

type Texts = Record<string, unknown>;
type Load = () => Promise<{ default: Texts }>;

// What is loaded once somebody wants German: English is in the pages' own code.
const german: { load: Load; loaded?: Promise<void> }[] = [];

async function loadGerman(part: (typeof german)[number]) {
  part.loaded ??= part.load().then(({ default: texts }) => {
    i18n.addResourceBundle("de", "translation", texts, true);
  });
  // English shows where German can't be had.
  await part.loaded.catch(() => {
    part.loaded = undefined;
  });
}

/** Adds the texts of a part of the pages, and waits until they are there in the language shown. */
export async function addTexts(english: Texts, load: Load) {
  i18n.addResourceBundle("en", "translation", english, true);
  const part = { load };
  german.push(part);
  if (currentLanguage() === "de") await loadGerman(part);
}

/** Shows the language that is wanted now. */
export async function followLanguage() {
  const language = currentLanguage();
  if (language === "de") await Promise.all(german.map(loadGerman));
  await i18n.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = i18n.dir(language);
}
