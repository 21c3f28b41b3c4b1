import { RadioGroup } from "radix-ui";
import { useId } from "react";
import type { Template } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";

type Props = { templates: Template[]; value: string; onChange: (id: string) => void };

export function TemplateChoice({ templates, value, onChange }: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div>
      <p id={id} className="mb-1.5 font-[560]">
        {t("ide.template")}
      </p>
      <RadioGroup.Root
        aria-labelledby={id}
        value={value}
        onValueChange={onChange}
        className="flex flex-col gap-2"
      >
        {templates.map((template) => (
          <RadioGroup.Item
            key={template.id}
            value={template.id}
            aria-label={template.name}
            aria-describedby={`${id}-${template.id}`}
            className="group flex items-start gap-3 rounded-md border px-3 py-2.5 text-start transition-colors duration-100 hover:bg-hover data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft"
          >
            <span className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong group-data-[state=checked]:border-accent">
              <RadioGroup.Indicator className="size-2 rounded-full bg-accent" />
            </span>
            <span>
              <span className="block font-[560]">{template.name}</span>
              <span id={`${id}-${template.id}`} className="block text-ink-soft text-xs">
                {template.description}
              </span>
            </span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </div>
  );
}
