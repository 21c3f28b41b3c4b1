// The texts of what is beside the editor, which come with it. They are typed
// here: as a part of i18next's own types they would be more than TypeScript takes.
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import i18n from ".";
import texts from "./en.tools.json";

i18n.addResourceBundle("en", "tools", texts, true);

type Leaves<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}`;
}[keyof T & string];
export type ToolsKey = Leaves<typeof texts>;

/** The function that gives these texts. */
export function useTools() {
  const { i18n: language } = useTranslation();
  return useCallback(
    (key: ToolsKey, values?: Record<string, string | number>): string =>
      language.t(key as never, { ...values, ns: "tools" }),
    [language],
  );
}
