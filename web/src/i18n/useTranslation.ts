import { useCallback } from "react";
import { useTranslation as useI18next } from "react-i18next";
import i18n from ".";
import type admin from "./en.admin.json";
import type chat from "./en.chat.json";
import type en from "./en.json";
import type search from "./en.search.json";
import type settings from "./en.settings.json";
import type tools from "./en.tools.json";

type Texts = typeof en &
  typeof admin &
  typeof chat &
  typeof search &
  typeof settings &
  typeof tools;

type Paths<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${Paths<T[K]>}`;
}[keyof T & string];

// A text with a form for each number is asked for by the name without it.
type Numbered<K extends string> = K extends `${infer Plain}_${"one" | "other"}` ? Plain : K;

/**
 * The path of a text in the files beside this one. They are typed here because
 * i18next's own types take more than TypeScript allows for as many.
 */
export type TextKey = Numbered<Paths<Texts>>;

export type Translate = (key: TextKey, values?: Record<string, unknown>) => string;

/** Gives a text where no component is: it does not follow a change of the language. */
export const translate: Translate = (key, values) => i18n.t(key, { ...values });

/** The texts of the language shown. */
export function useTranslation(): { t: Translate } {
  const { t: untyped } = useI18next();
  const t = useCallback<Translate>((key, values) => untyped(key, { ...values }), [untyped]);
  return { t };
}
