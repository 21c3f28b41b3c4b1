import { useSyncExternalStore } from "react";
import { currentChoice, currentTheme, subscribe, type Theme, type ThemeChoice } from "./choice";

export { setThemeChoice, type Theme, type ThemeChoice, watchTheme } from "./choice";

export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore(subscribe, currentChoice);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}
