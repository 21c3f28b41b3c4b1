import type { Meter } from "@/api/types";
import { formatBytes, formatNumber, toNumber } from "@/lib/format";

type Gauge = Pick<Meter, "used" | "limit">;

/** Cores, of thousandths of one, against their limit if there is one. */
export function coresOf(gauge: Gauge): string {
  return against(gauge, (millis) => formatNumber(millis / 1000, { maximumFractionDigits: 2 }));
}

export function bytesOf(gauge: Gauge): string {
  return against(gauge, formatBytes);
}

function against(gauge: Gauge, format: (value: number) => string): string {
  const used = format(toNumber(gauge.used));
  const limit = toNumber(gauge.limit);
  return limit < 0 ? used : `${used} / ${format(limit)}`;
}
