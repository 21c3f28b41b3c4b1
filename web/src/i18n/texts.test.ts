import { expect, it } from "vitest";

const files = import.meta.glob<object>("./*.json", { eager: true, import: "default" });

/** Each text by its path. */
function leaves(node: object, path = ""): [string, string][] {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${path}${key}`, value]] : leaves(value, `${path}${key}.`),
  );
}

const placeholders = (text: string) => [...new Set(text.match(/{{\w+(, \w+)?}}/g))].sort();

it.each(Object.keys(files).filter((name) => name.startsWith("./en.")))(
  "%s is there in German, whole",
  (name) => {
    const english = leaves(files[name] ?? {});
    const german = new Map(leaves(files[name.replace("/en.", "/de.")] ?? {}));
    expect([...german.keys()].sort()).toEqual(english.map(([key]) => key).sort());
    for (const [key, text] of english) {
      expect(placeholders(german.get(key) ?? ""), key).toEqual(placeholders(text));
    }
  },
);
