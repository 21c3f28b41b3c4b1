import { Menu as Radix } from "radix-ui/internal";
import { type ReactNode, type RefObject, useCallback, useRef } from "react";
import { cn } from "@/lib/cn";
import { MenuParts } from "./Menu";

export const parts = {
  Item: Radix.Item,
  ItemIndicator: Radix.ItemIndicator,
  Label: Radix.Label,
  RadioGroup: Radix.RadioGroup,
  RadioItem: Radix.RadioItem,
  Separator: Radix.Separator,
};

type Props = {
  button: RefObject<HTMLButtonElement | null>;
  labelId: string;
  open: boolean;
  /** Then its first item has the focus. */
  byKeyboard: boolean;
  onOpenChange: (open: boolean) => void;
  align?: "start" | "end";
  className?: string;
  children: ReactNode;
};

/** The list that a menu's button opens. */
export function MenuContent(props: Props) {
  const { button, labelId, open, byKeyboard, onOpenChange, align = "end" } = props;
  const left = useRef(false);
  // Radix does so itself, but only if it was there when the key was pressed.
  const focusFirst = useCallback(
    (list: HTMLElement | null) => {
      if (!list || !byKeyboard) return;
      requestAnimationFrame(() => list.querySelector<HTMLElement>("[role^=menuitem]")?.focus());
    },
    [byKeyboard],
  );
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange} modal={false}>
      <Radix.Anchor virtualRef={button as RefObject<HTMLButtonElement>} />
      <Radix.Portal>
        <Radix.Content
          ref={focusFirst}
          aria-labelledby={labelId}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          onInteractOutside={(event) => {
            // Its own button closes it by itself.
            if (button.current?.contains(event.target as Element)) event.preventDefault();
            else left.current = true;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (!left.current) button.current?.focus();
            left.current = false;
          }}
          className={cn(
            "z-50 max-h-(--radix-popper-available-height) min-w-44 animate-rise overflow-y-auto rounded-lg border bg-raised p-1 shadow-float",
            props.className,
          )}
        >
          <MenuParts value={parts}>{props.children}</MenuParts>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
