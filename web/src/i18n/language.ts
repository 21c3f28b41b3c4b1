import { useSyncExternalStore } from "react";

/** The languages that there are, each by its own name. */
export const languages = { en: "English", de: "Deutsch" } as const;

export type Language = keyof typeof languages;
export type LanguageChoice = "system" | Language;

const storageKey = "atrium:language";
const listeners = new Set<() => void>();

function isLanguage(value: string | null | undefined): value is Language {
  return value != null && value in languages;
}

function stored(): LanguageChoice {
  try {
    const value = localStorage.getItem(storageKey);
    return isLanguage(value) ? value : "system";
  } catch {
    return "system"; // Storage may be blocked.
  }
}

let choice = stored();

/** The language to show: the chosen one, or the first that the browser asks for and we have. */
export function currentLanguage(): Language {
  if (choice !== "system") return choice;
  for (const wanted of navigator.languages ?? []) {
    const plain = wanted.toLowerCase().split("-")[0];
    if (isLanguage(plain)) return plain;
  }
  return "en";
}

/** Keeps a choice for this browser. What shows texts follows through subscribe. */
export function setLanguageChoice(next: LanguageChoice) {
  choice = next;
  try {
    if (next === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, next);
  } catch {
    // The choice then lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export function subscribeLanguage(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

window.addEventListener("storage", (event) => {
  if (event.key !== storageKey) return;
  choice = stored();
  for (const listener of listeners) listener();
});

export function useLanguageChoice(): LanguageChoice {
  return useSyncExternalStore(subscribeLanguage, () => choice);
}
