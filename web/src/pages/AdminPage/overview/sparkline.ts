/** The points of a line through values, in a box of 100 by 100 with 0 at its bottom. */
export function points(values: number[]): string {
  const top = Math.max(...values, 0) || 1;
  const step = values.length > 1 ? 100 / (values.length - 1) : 0;
  const round = (value: number) => Math.round(value * 100) / 100;
  return values
    .map((value, i) => `${round(i * step)},${round(100 - (Math.max(value, 0) / top) * 100)}`)
    .join(" ");
}
