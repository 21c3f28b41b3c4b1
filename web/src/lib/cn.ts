import { type ClassValue, clsx } from "clsx";

/** Joins class names. They must not contradict each other: the stylesheet's order decides. */
export function cn(...classes: ClassValue[]): string {
  return clsx(classes);
}
