import { useEffect, useState } from "react";

/** Pixels from the top that a section has to pass; more than where an address leads to. */
const line = 100;

/** The id of the section that is read: the last whose top has come up. */
export function useSectionInView<Id extends string>(ids: readonly Id[]): Id | undefined {
  const [current, setCurrent] = useState<Id | undefined>(ids[0]);
  useEffect(() => {
    let frame = 0;
    const look = () => {
      frame = 0;
      const root = document.documentElement;
      const end = window.innerHeight + window.scrollY >= root.scrollHeight - 2;
      const passed = ids.filter((id) => {
        const top = document.getElementById(id)?.getBoundingClientRect().top;
        return top !== undefined && top <= line;
      });
      const reached = end && window.scrollY > 0 ? last(ids) : passed.at(-1);
      setCurrent(reached ?? ids[0]);
    };
    const soon = () => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    window.addEventListener("scroll", soon, { passive: true });
    window.addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("scroll", soon);
      window.removeEventListener("resize", soon);
    };
  }, [ids]);
  return current;
}

/**
 * Where one is at the end of the page, whose short sections never come up to
 * the line: at the one that the address names, or else at the last.
 */
function last<Id extends string>(ids: readonly Id[]): Id | undefined {
  const asked = ids.find((id) => id === window.location.hash.slice(1));
  const top = document.getElementById(asked ?? "")?.getBoundingClientRect().top ?? -1;
  return top >= 0 ? asked : ids.at(-1);
}
