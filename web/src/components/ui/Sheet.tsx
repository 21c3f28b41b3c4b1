import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "@/i18n/useTranslation";
import { IconButton } from "./IconButton";

type Props = { title: string; onClose: () => void; children: ReactNode };

/** One thing of a list, beside the list: it comes in from the right. */
export function Sheet({ title, onClose, children }: Props) {
  const { t } = useTranslation();
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Radix.Content
          aria-describedby={undefined}
          // The sheet itself, not its close button: its tooltip would open as well.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className="fixed inset-y-0 end-0 z-40 flex w-[min(480px,100vw)] animate-slide-back flex-col border-s bg-surface shadow-float focus:outline-none"
        >
          <div className="flex h-12 shrink-0 items-center border-b pe-1.5 ps-5">
            <Radix.Title className="min-w-0 grow truncate font-[620]">{title}</Radix.Title>
            <Radix.Close asChild>
              <IconButton label={t("common.close")}>
                <X />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 grow overflow-y-auto p-5">{children}</div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
