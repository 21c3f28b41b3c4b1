import { Check, Copy } from "lucide-react";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { useCopy } from "@/lib/useCopy";

export function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  return (
    <IconButton
      small
      label={copied ? t("common.copied") : t("chat.copy")}
      disabled={text === ""}
      onClick={() => copy(text)}
    >
      {copied ? <Check className="text-ok" /> : <Copy />}
    </IconButton>
  );
}
