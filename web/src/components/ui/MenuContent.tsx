import { Menu as Radix } from "radix-ui/internal";
import { type ReactNode, type RefObject, useRef } from "react";
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
  onOpenChange: (open: boolean) => void;
  align?: "start" | "end";
  className?: string;
  children: ReactNode;
};

/** The list that a menu's button opens. */
export function MenuContent(props: Props) {
  const { button, labelId, open, onOpenChange, align = "end", className, children } = props;
  const left = useRef(false);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange} modal={false}>
      <Radix.Anchor virtualRef={button as RefObject<HTMLButtonElement>} />
      <Radix.Portal>
        <Radix.Content
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
            className,
          )}
        >
          <MenuParts value={parts}>{children}</MenuParts>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
