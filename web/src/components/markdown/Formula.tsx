import katex from "katex";
import "katex/dist/katex.min.css";
import { useLayoutEffect, useRef } from "react";

type Props = { source: string; display: boolean };

/** A formula, drawn by KaTeX; one that it can't draw stays as it was written. */
export function Formula({ source, display }: Props) {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    try {
      // Nodes, not HTML; and nothing that a formula could reach out with.
      katex.render(source, element, { displayMode: display, strict: "ignore", trust: false });
    } catch {
      element.replaceChildren(
        Object.assign(document.createElement("code"), { textContent: source }),
      );
    }
  }, [source, display]);
  return <span ref={place} className={display ? "block" : undefined} />;
}
