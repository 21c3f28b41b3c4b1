import { ApiError, asApiError } from "@/api/errors";
import i18n from "@/i18n";
import { formatNumber } from "./format";
import { formatDay } from "./time";

/** Each English sentence, with {{places}} for what varies in it, and what it is in another language. */
type Sentences = Record<string, string>;
type Values = Record<string, string>;

/**
 * What an error says, in the language shown; in the server's English words where
 * there are no others for it. ADR 0062 says why. A component that shows it follows
 * the language by its own useTranslation.
 */
export function errorText(error: unknown): string {
  const { reason, message, fields, metadata } = asApiError(error);
  const names = Object.keys(fields);
  if (reason === "INVALID_ARGUMENT" && names.length > 0 && texts("problems")) {
    return names.map((name) => `${name}: ${problemText(fields[name] ?? "")}`).join("; ");
  }
  const text = texts<Record<string, string | Sentences>>("errors")?.[reason];
  if (typeof text === "string") return fill(text, metadata) ?? message;
  return (text && inOtherWords(text, message, metadata)) ?? message;
}

/** The same for an error of which only its reason and its words are kept. */
export function toldText(reason: string, message: string): string {
  return errorText(new ApiError({ reason, message }));
}

/** The same for what is wrong with one field. */
export function problemText(problem: string): string {
  return inOtherWords(texts<Sentences>("problems") ?? {}, problem, {}) ?? problem;
}

function texts<T>(part: "errors" | "problems"): T | undefined {
  return i18n.getResource(i18n.language, "translation", part) as T | undefined;
}

function inOtherWords(sentences: Sentences, english: string, known: Values): string | undefined {
  for (const [form, text] of Object.entries(sentences)) {
    const found = english.match(pattern(form));
    if (found) return fill(text, { ...found.groups, ...known });
  }
}

function pattern(form: string): RegExp {
  const escaped = form.replace(/[.*+?^$()[\]\\|]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/{{(\w+)}}/g, "(?<$1>.+)")}$`, "su");
}

/** Answers undefined when a value is missing: half a sentence is worse than an English one. */
function fill(text: string, values: Values): string | undefined {
  let whole = true;
  const filled = text.replace(/{{(\w+)}}/g, (_, name: string) => {
    const value = values[name];
    whole &&= value !== undefined;
    return value === undefined ? "" : written(name, value);
  });
  return whole ? filled : undefined;
}

const figures = ["count", "least", "limit", "limitUsd", "most", "used", "usedUsd", "wanted"];

/** A value as people write it. */
function written(name: string, value: string): string {
  if (name === "resetsAt") return formatDay(value);
  // A fraction of money keeps its digits.
  const digits = value.split(".")[1]?.length ?? 0;
  if (figures.includes(name) && /^-?[\d.]+$/.test(value)) {
    return formatNumber(Number(value), { minimumFractionDigits: digits });
  }
  return value;
}
