import type { EditorChoices } from "@/api/types";

/** The numbers that can be chosen, with the least and the most. */
export const bounds = { fontSize: [8, 40], tabSize: [1, 16] } as const;

const yesOrNo = ["yes", "no"] as const;

/** The others, with what can be chosen. */
export const selects = {
  theme: ["page", "light", "dark"],
  autoSave: ["afterDelay", "onFocusChange", "off"],
  insertSpaces: yesOrNo,
  wordWrap: yesOrNo,
  formatOnSave: yesOrNo,
  minimap: yesOrNo,
  inlineSuggestions: yesOrNo,
} as const;

type Field = keyof typeof bounds | keyof typeof selects;

/** The choices as a form has them; empty is none. */
export type Texts = Record<Field, string>;

export function textsOf(choices: EditorChoices): Texts {
  const fields = [...Object.keys(bounds), ...Object.keys(selects)] as Field[];
  const text = (value: EditorChoices[Field]) =>
    typeof value === "boolean" ? (value ? "yes" : "no") : String(value ?? "");
  return Object.fromEntries(fields.map((field) => [field, text(choices[field])])) as Texts;
}

export function choicesOf(texts: Texts): EditorChoices {
  const value = (text: string) =>
    ({ yes: true, no: false })[text] ?? (/^\d+$/.test(text) ? Number(text) : text);
  return Object.fromEntries(
    Object.entries(texts)
      .map(([field, text]) => [field, text.trim()] as const)
      .filter(([, text]) => text !== "")
      .map(([field, text]) => [field, value(text)]),
  );
}

/** The numbers that are none, or out of their bounds. */
export function wrong(texts: Texts): Field[] {
  return (Object.keys(bounds) as (keyof typeof bounds)[]).filter((field) => {
    const text = texts[field].trim();
    const [least, most] = bounds[field];
    return text !== "" && !(/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most);
  });
}
