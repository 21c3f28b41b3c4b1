import { Check } from "lucide-react";
import { Slot } from "radix-ui";
import type { Menu as Radix } from "radix-ui/internal";
import {
  type ComponentProps,
  createContext,
  type KeyboardEvent,
  lazy,
  type ReactNode,
  Suspense,
  useContext,
  useId,
  useRef,
  useState,
} from "react";
import { cn } from "@/lib/cn";
import type { parts } from "./MenuContent";

// Menus are many and seldom opened: only their buttons come with the page.
const MenuContent = lazy(() =>
  import("./MenuContent").then((module) => ({ default: module.MenuContent })),
);

type MenuProps = {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  className?: string;
  onOpenChange?: (open: boolean) => void;
};

/** A button that opens a list of actions or choices. */
export function Menu({ trigger, children, onOpenChange, ...look }: MenuProps) {
  const [open, setOpen] = useState(false);
  const [wanted, setWanted] = useState(false);
  const [byKeyboard, setByKeyboard] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const want = () => setWanted(true);
  const change = (next: boolean) => {
    want();
    setOpen(next);
    onOpenChange?.(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    setByKeyboard(true);
    change(true);
  };
  return (
    <>
      <Slot.Root
        ref={button}
        id={id}
        aria-haspopup="menu"
        aria-expanded={open}
        data-state={open ? "open" : "closed"}
        onPointerEnter={want}
        onFocus={want}
        onClick={(event) => {
          // A key clicks as well, and at no place.
          setByKeyboard(event.detail === 0);
          change(!open);
        }}
        onKeyDown={onKeyDown}
      >
        {trigger}
      </Slot.Root>
      {wanted && (
        <Suspense fallback={null}>
          <MenuContent
            button={button}
            labelId={id}
            open={open}
            byKeyboard={byKeyboard}
            onOpenChange={change}
            {...look}
          >
            {children}
          </MenuContent>
        </Suspense>
      )}
    </>
  );
}

/** What menus are made of; there inside of an open one. */
export const MenuParts = createContext<typeof parts | null>(null);

function useParts() {
  const found = useContext(MenuParts);
  if (!found) throw new Error("the items of a menu belong into a Menu");
  return found;
}

const itemClass =
  "flex min-h-8 select-none items-center gap-2.5 rounded-sm px-2.5 py-1.5 text-sm outline-none data-[disabled]:opacity-45 data-[highlighted]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-ink-faint";

type ItemProps = ComponentProps<typeof Radix.Item> & { danger?: boolean };

export function MenuItem({ danger, className, ...props }: ItemProps) {
  const { Item } = useParts();
  return (
    <Item
      className={cn(itemClass, "cursor-pointer", danger && "text-bad [&_svg]:text-bad", className)}
      {...props}
    />
  );
}

export function MenuRadioGroup(props: ComponentProps<typeof Radix.RadioGroup>) {
  const { RadioGroup } = useParts();
  return <RadioGroup {...props} />;
}

export function MenuRadioItem({
  children,
  className,
  ...props
}: ComponentProps<typeof Radix.RadioItem>) {
  const { RadioItem, ItemIndicator } = useParts();
  return (
    <RadioItem className={cn(itemClass, "cursor-pointer", className)} {...props}>
      {children}
      <ItemIndicator className="ms-auto">
        <Check aria-hidden />
      </ItemIndicator>
    </RadioItem>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  const { Label } = useParts();
  return <Label className="px-2.5 pt-1.5 pb-1 text-ink-faint text-xs">{children}</Label>;
}

export function MenuSeparator() {
  const { Separator } = useParts();
  return <Separator className="-mx-1 my-1 border-t" />;
}
