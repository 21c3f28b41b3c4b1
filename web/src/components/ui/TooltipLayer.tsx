import { Portal } from "radix-ui";
import { Popper } from "radix-ui/internal";
import { useEffect, useId, useRef, useState } from "react";

const delayMs = 400;
/** Whoever has just read one is reading along: the next one needs no waiting. */
const readingMs = 300;

/** Shows the name of what the pointer rests on, or of what the keyboard has come to. */
export function TooltipLayer({ first }: { first: HTMLElement }) {
  const [target, setTarget] = useState<HTMLElement>();
  const id = useId();
  const anchor = useRef<HTMLElement>(null);
  anchor.current = target ?? null;

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over: HTMLElement | undefined;
    let shown = false;
    let closedAt = 0;
    const show = (element: HTMLElement) => {
      clearTimeout(timer);
      shown = true;
      setTarget(element);
    };
    const hide = () => {
      clearTimeout(timer);
      if (shown) closedAt = Date.now();
      shown = false;
      setTarget(undefined);
    };
    const rest = (element: HTMLElement) => {
      over = element;
      clearTimeout(timer);
      const reading = shown || Date.now() - closedAt < readingMs;
      timer = setTimeout(() => element.isConnected && show(element), reading ? 0 : delayMs);
    };
    const onOver = (event: PointerEvent) => {
      if (event.pointerType === "touch") return;
      const element = event.target as Element;
      // The tooltip itself may be pointed at.
      if (element.closest("[role=tooltip]")) return clearTimeout(timer);
      const named = element.closest<HTMLElement>("[data-tooltip]") ?? undefined;
      if (named === over) return;
      if (named) return rest(named);
      over = undefined;
      hide();
    };
    const onFocus = (event: FocusEvent) => {
      const named = (event.target as Element).closest<HTMLElement>("[data-tooltip]");
      if (named?.matches(":focus-visible")) show(named);
    };
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && hide();
    const controller = new AbortController();
    const options = { signal: controller.signal, capture: true };
    document.addEventListener("pointerover", onOver, options);
    document.documentElement.addEventListener("pointerleave", hide, options);
    document.addEventListener("pointerdown", hide, options);
    document.addEventListener("scroll", hide, options);
    document.addEventListener("focusin", onFocus, options);
    document.addEventListener("focusout", hide, options);
    document.addEventListener("keydown", onKey, options);
    if (first.matches(":focus-visible")) show(first);
    else if (first.matches(":hover")) rest(first);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [first]);

  // A name that says more than the element's own is read to those who can't see it.
  useEffect(() => {
    if (!target || target.dataset.tooltip === target.ariaLabel) return;
    target.setAttribute("aria-describedby", id);
    return () => target.removeAttribute("aria-describedby");
  }, [target, id]);

  if (!target?.isConnected) return null;
  return (
    <Popper.Root>
      <Popper.Anchor virtualRef={anchor as React.RefObject<HTMLElement>} />
      <Portal.Root asChild>
        <Popper.Content
          key={target.dataset.tooltip}
          id={id}
          role="tooltip"
          side="top"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-64 animate-fade rounded-sm bg-ink px-2 py-1 text-surface text-xs"
        >
          {target.dataset.tooltip}
        </Popper.Content>
      </Portal.Root>
    </Popper.Root>
  );
}
