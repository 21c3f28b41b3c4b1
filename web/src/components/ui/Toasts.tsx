import { useEffect } from "react";
import { Toaster, toast } from "sonner";
import { connectToasts } from "@/lib/toast";
import { useTheme } from "@/theme/theme";

export function Toasts() {
  useEffect(() => connectToasts((kind, text, options) => toast[kind](text, options)), []);
  return (
    <Toaster
      theme={useTheme()}
      position="top-center"
      offset={{ top: 56 }}
      mobileOffset={{ top: 56 }}
      toastOptions={{
        classNames: {
          toast: "rounded-lg! border-line! bg-raised! font-sans! text-ink! text-sm! shadow-float!",
          description: "text-ink-soft!",
          actionButton: "bg-accent! font-[560]! text-on-accent!",
        },
      }}
    />
  );
}
