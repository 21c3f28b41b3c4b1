import { translate } from "@/i18n/useTranslation";
import "@/i18n/admin";
import { formatBytes, formatNumber, formatUsd, toNumber } from "./format";

/** A limit of -1 is none. */
export const unlimited = -1;

/**
 * The limits of a plan in the units that people think in: how many of the
 * contract's own make up one.
 */
export const limits = [
  { field: "aiTokensMonthly", scale: 1, step: 1 },
  { field: "monthlyBudgetUsd", scale: 1, step: 0.01, decimals: 6 },
  { field: "ideSecondsMonthly", scale: 3_600, step: 0.5 },
  { field: "storageBytes", scale: 1024 ** 3, step: 0.5 },
  { field: "cpuMillis", scale: 1_000, step: 0.1 },
  { field: "memoryBytes", scale: 1024 ** 3, step: 0.25 },
  { field: "workspaces", scale: 1, step: 1 },
] as const;

export type Limit = (typeof limits)[number];
export type LimitField = Limit["field"];
/** Decimals that the contract's own figure may have. */
type Scaled = { scale: number; decimals?: number };

/** The limit as a person reads it: "100 hours", "10 GB"; undefined for none. */
export function formatLimit(field: LimitField, raw: string | number): string | undefined {
  const value = toNumber(raw);
  if (value < 0) return undefined;
  switch (field) {
    case "storageBytes":
    case "memoryBytes":
      return formatBytes(value);
    case "ideSecondsMonthly":
      return formatNumber(value / 3_600, {
        style: "unit",
        unit: "hour",
        unitDisplay: "long",
        maximumFractionDigits: 1,
      });
    case "monthlyBudgetUsd":
      return formatUsd(value);
    case "cpuMillis":
      return translate("admin.cores", { count: value / 1_000 });
    default:
      return formatNumber(value);
  }
}

/** The limit as the text of a field that asks for it in its unit; empty for none. */
export function limitText({ scale, decimals = 3 }: Scaled, raw: string | number): string {
  const value = toNumber(raw);
  return value < 0 ? "" : String(Number((value / scale).toFixed(decimals)));
}

/**
 * The contract's figure of such a text, or undefined when it is no amount. A
 * text that was left as it was gives back exactly what it was made from.
 */
export function limitOf(limit: Scaled, text: string, before?: string | number): string | undefined {
  if (before !== undefined && text === limitText(limit, before)) return String(before);
  const trimmed = text.trim();
  const parts = 10 ** (limit.decimals ?? 0);
  const value = Math.round(Number(trimmed) * limit.scale * parts) / parts;
  const sound = /^\d+(\.\d+)?$/.test(trimmed) && value <= Number.MAX_SAFE_INTEGER;
  return sound ? String(value) : undefined;
}
