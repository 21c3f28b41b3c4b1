import { lazy, Suspense, useEffect, useState } from "react";

const TooltipLayer = lazy(() =>
  import("./TooltipLayer").then((module) => ({ default: module.TooltipLayer })),
);

/** The tooltips of the whole page; what shows them comes when the first is wanted. */
export function Tooltips() {
  const [first, setFirst] = useState<HTMLElement>();
  useEffect(() => {
    if (first) return;
    const look = ({ target }: Event) => {
      const named = (target as Element).closest<HTMLElement>("[data-tooltip]");
      if (named) setFirst(named);
    };
    document.addEventListener("pointerover", look);
    document.addEventListener("focusin", look);
    return () => {
      document.removeEventListener("pointerover", look);
      document.removeEventListener("focusin", look);
    };
  }, [first]);
  if (!first) return null;
  return (
    <Suspense fallback={null}>
      <TooltipLayer first={first} />
    </Suspense>
  );
}
