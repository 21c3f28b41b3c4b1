import { useQuery } from "@tanstack/react-query";
import { type Ref, useEffect, useImperativeHandle, useState } from "react";
import { promptsQuery } from "@/api/queries/prompts";
import type { Prompt } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";

/** What the field that is being typed in hands on to the list; true when a key was meant for it. */
export type PickerHandle = { key: (name: string) => boolean };

type Props = {
  id: string;
  /** Part of the title. */
  filter: string;
  onPick: (prompt: Prompt) => void;
  onManage: () => void;
  onActive: (optionId: string | undefined) => void;
  ref?: Ref<PickerHandle>;
};

/** The reusable prompts, above the composer while a "/" is typed. */
export function PromptPicker({ id, filter, onPick, onManage, onActive, ref }: Props) {
  const { t } = useTranslation();
  const prompts = useQuery(promptsQuery);
  const [active, setActive] = useState(0);
  const wanted = filter.toLowerCase();
  const found = (prompts.data ?? []).filter(({ title }) => title.toLowerCase().includes(wanted));
  const current = Math.min(active, found.length - 1);
  const option = found[current] && `${id}-${current}`;
  useEffect(() => {
    onActive(option);
    return () => onActive(undefined);
  }, [option, onActive]);

  useImperativeHandle(ref, () => ({
    key: (name) => {
      const prompt = found[current];
      if (!prompt) return false;
      if (name === "ArrowDown") setActive((current + 1) % found.length);
      else if (name === "ArrowUp") setActive((current + found.length - 1) % found.length);
      else if (name === "Enter" || name === "Tab") onPick(prompt);
      else return false;
      return true;
    },
  }));

  return (
    <div className="absolute inset-x-0 bottom-full z-30 mb-2 flex max-h-72 animate-rise flex-col rounded-lg border bg-raised shadow-float">
      <div className="min-h-0 grow overflow-y-auto p-1">
        {prompts.isPending && (
          <Loading className="flex flex-col gap-3 p-3">
            <Skeleton className="h-4 w-1/2" />
            <Skeleton className="h-4 w-2/3" />
          </Loading>
        )}
        {prompts.error && <ErrorNotice error={prompts.error} onRetry={prompts.refetch} />}
        {prompts.isSuccess && found.length === 0 && (
          <p role="status" className="px-2.5 py-2 text-ink-soft text-sm">
            {prompts.data.length === 0 ? t("chat.prompts.none") : t("chat.prompts.noMatch")}
          </p>
        )}
        <div id={id} role="listbox" aria-label={t("chat.prompts.title")}>
          {found.map((prompt, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the composer has the keyboard and says which is active.
            // biome-ignore lint/a11y/useFocusableInteractive: likewise.
            <div
              key={prompt.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              onPointerMove={() => index !== current && setActive(index)}
              // The composer keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onPick(prompt)}
              className={cn(
                "cursor-pointer rounded-md px-2.5 py-1.5",
                index === current && "bg-hover",
              )}
            >
              <p className="truncate text-sm">{prompt.title}</p>
              <p className="truncate text-ink-faint text-xs">{prompt.content}</p>
            </div>
          ))}
        </div>
      </div>
      <div className="border-t p-1">
        <Button variant="ghost" size="sm" className="w-full justify-start!" onClick={onManage}>
          {t("chat.prompts.manage")}
        </Button>
      </div>
    </div>
  );
}
