import i18n from "@/i18n";

/** Protobuf's int64 arrives as a string. */
export function toNumber(value: string | number | null | undefined): number {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? number : 0;
}

export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(i18n.language, options).format(value);
}

/** 1.2K, 3.4M: for figures that only need their size understood. */
export function formatCompact(value: number): string {
  return formatNumber(value, { notation: "compact", maximumFractionDigits: 1 });
}

/** Answers cost fractions of a cent, so small amounts keep more digits. */
export function formatUsd(value: number): string {
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 5 : 2;
  return formatNumber(value, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  });
}

const byteUnits = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

export function formatBytes(value: number): string {
  const size = Math.max(0, value);
  const power = size < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(size) / 10));
  return formatNumber(size / 1024 ** power, {
    style: "unit",
    unit: byteUnits[power],
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: power > 1 ? 1 : 0,
  });
}
