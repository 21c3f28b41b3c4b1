import { ChevronDown } from "lucide-react";
import type { Model } from "@/api/types";
import { Menu, MenuRadioGroup, MenuRadioItem } from "@/components/ui/Menu";
import { useTranslation } from "@/i18n/useTranslation";
import { formatCompact, formatUsd } from "@/lib/format";

type Props = { models: Model[]; value: string; onChange: (id: string) => void };

export function ModelPicker({ models, value, onChange }: Props) {
  const { t } = useTranslation();
  const current = models.find((model) => model.id === value);
  if (!current) return null;
  return (
    <Menu
      align="start"
      className="w-[min(340px,calc(100vw-24px))]"
      trigger={
        <button
          type="button"
          aria-label={t("chat.model.current", { name: current.displayName })}
          className="flex h-8 min-w-0 items-center gap-1 rounded-md px-2 text-ink-soft text-sm hover:bg-hover hover:text-ink data-[state=open]:bg-hover"
        >
          <span className="truncate">{current.displayName}</span>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-ink-faint" />
        </button>
      }
    >
      <MenuRadioGroup value={value} onValueChange={onChange} aria-label={t("chat.model.label")}>
        {models.map((model) => (
          <MenuRadioItem key={model.id} value={model.id} className="py-2!">
            <span className="min-w-0">
              <span className="flex items-baseline gap-2">
                <span className="truncate font-[560]">{model.displayName}</span>
                <span className="text-ink-faint text-xs">{model.provider}</span>
              </span>
              <span className="block text-ink-faint text-xs">
                {t("chat.model.context", { tokens: formatCompact(model.contextWindow) })}
                {" · "}
                <Price model={model} />
              </span>
            </span>
          </MenuRadioItem>
        ))}
      </MenuRadioGroup>
    </Menu>
  );
}

function Price({ model: { inputUsdPerMTok, outputUsdPerMTok } }: { model: Model }) {
  const { t } = useTranslation();
  if (inputUsdPerMTok === 0 && outputUsdPerMTok === 0) return t("chat.model.free");
  return t("chat.model.price", {
    input: formatUsd(inputUsdPerMTok),
    output: formatUsd(outputUsdPerMTok),
  });
}
