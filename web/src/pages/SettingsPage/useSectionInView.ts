import { useEffect, useState } from "react";

/** The id of the section that is read: the last whose top has passed the upper third. */
export function useSectionInView<Id extends string>(ids: readonly Id[]): Id | undefined {
  const [current, setCurrent] = useState<Id | undefined>(ids[0]);
  useEffect(() => {
    let frame = 0;
    const look = () => {
      frame = 0;
      const root = document.documentElement;
      const end = window.innerHeight + window.scrollY >= root.scrollHeight - 2;
      const line = window.innerHeight / 3;
      const passed = ids.filter((id) => {
        const top = document.getElementById(id)?.getBoundingClientRect().top;
        return top !== undefined && top <= line;
      });
      // Short last sections never come up that far.
      setCurrent((end && window.scrollY > 0 ? ids.at(-1) : passed.at(-1)) ?? ids[0]);
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
