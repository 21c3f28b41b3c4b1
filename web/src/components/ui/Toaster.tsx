import { Toaster as Sonner } from "sonner";
import { useTheme } from "@/theme/theme";

export function Toaster() {
  return (
    <Sonner
      theme={useTheme()}
      position="bottom-right"
      toastOptions={{
        classNames: {
          toast: "!rounded-lg !border-line !bg-raised !font-sans !text-ink !text-sm !shadow-float",
          description: "!text-ink-soft",
          actionButton: "!bg-accent !text-on-accent !font-[560]",
        },
      }}
    />
  );
}
