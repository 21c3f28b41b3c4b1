export type ThemeChoice = "system" | "light" | "dark";
export type Theme = "light" | "dark";

const storageKey = "atrium:theme";
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(storageKey);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

let choice = stored();

export function currentChoice(): ThemeChoice {
  return choice;
}

export function currentTheme(): Theme {
  if (choice !== "system") return choice;
  return systemDark.matches ? "dark" : "light";
}

function apply() {
  document.documentElement.dataset.theme = currentTheme();
  for (const listener of listeners) listener();
}

/** Keeps the page in step with the system and with the other tabs. */
export function watchTheme() {
  systemDark.addEventListener("change", apply);
  window.addEventListener("storage", (event) => {
    if (event.key !== storageKey) return;
    choice = stored();
    apply();
  });
  apply();
}

export function setThemeChoice(next: ThemeChoice) {
  choice = next;
  try {
    if (next === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, next);
  } catch {
    // The choice then lasts as long as the page.
  }
  apply();
}

/** Has a function called at every change; gives the way to end that. */
export function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
