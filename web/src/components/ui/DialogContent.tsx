import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useTranslation } from "@/i18n/useTranslation";
import type { DialogProps } from "./Dialog";
import { IconButton } from "./IconButton";

/** An open dialog. */
export function DialogContent(props: DialogProps) {
  const { open, onOpenChange, title, description, keep, children } = props;
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
          className="fixed inset-x-4 top-[12dvh] z-40 mx-auto max-h-[80dvh] max-w-md animate-rise scroll-pb-20 overflow-y-auto rounded-lg border bg-raised p-5 shadow-float focus:outline-none"
        >
          <div className="flex items-start gap-3">
            <div className="min-w-0 grow">
              <Radix.Title className="break-words text-lg">{title}</Radix.Title>
              {description && (
                <Radix.Description className="mt-1 text-ink-soft">{description}</Radix.Description>
              )}
            </div>
            <Radix.Close asChild>
              <IconButton label={t("common.close")} className="-mt-1.5 -me-1.5">
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
  (dialog.querySelector<HTMLElement>("input, textarea") ?? dialog).focus();
}
