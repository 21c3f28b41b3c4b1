import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({
  extend: {
    classGroups: { "font-size": [{ text: ["xs", "sm", "base", "lg", "xl", "2xl", "3xl"] }] },
  },
});

/** Joins class names; of two that contradict each other, the later wins. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
