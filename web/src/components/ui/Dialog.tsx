import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./IconButton";

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  /** Only its own buttons close it, so that what it shows is not lost by a slip. */
  keep?: boolean;
  children: ReactNode;
};

export function Dialog({ open, onOpenChange, title, description, keep, children }: Props) {
  const { t } = useTranslation();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={focusFirstField}
          onInteractOutside={keep ? (event) => event.preventDefault() : undefined}
          onEscapeKeyDown={keep ? (event) => event.preventDefault() : undefined}
          className="fixed inset-x-4 top-[12dvh] z-40 mx-auto max-h-[80dvh] max-w-md animate-rise overflow-y-auto rounded-lg border bg-raised p-5 shadow-float focus:outline-none"
        >
          <div className="flex items-start gap-3">
            <div className="min-w-0 grow">
              <Radix.Title className="break-words text-lg">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-ink-soft">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label={t("common.close")} className="-mt-1.5 -mr-1.5">
                <X />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="mt-4">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/**
 * A dialog that asks for something is ready to be typed in. Without a field it
 * is the dialog itself, not its close button: its tooltip would open as well.
 */
function focusFirstField(event: Event) {
  const dialog = event.currentTarget as HTMLElement;
  event.preventDefault();
  (dialog.querySelector("input") ?? dialog).focus();
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-6 flex justify-end gap-2">{children}</div>;
}
