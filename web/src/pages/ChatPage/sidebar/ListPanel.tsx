import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { ConversationList } from "./ConversationList";

/** The list on a narrow screen: a sheet that slides in from the left. */
export function ListPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          // The sheet itself, not its close button: its tooltip would open as well.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className="fixed inset-y-0 start-0 z-40 flex w-[min(320px,86vw)] animate-slide flex-col border-e bg-sunken shadow-float focus:outline-none"
        >
          <div className="flex h-12 shrink-0 items-center border-b pe-1.5 ps-4">
            <Dialog.Title className="grow font-[620]">{t("chat.list")}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label={t("chat.closeList")}>
                <X />
              </IconButton>
            </Dialog.Close>
          </div>
          <ConversationList onOpen={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
