import { useQuery } from "@tanstack/react-query";
import { ArrowUp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { defaultModel, modelsQuery } from "@/api/queries/models";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import { useStartConversation } from "@/turns/useStartConversation";

/** One line to begin a conversation from the start page. */
export function AskBox() {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const { data: models } = useQuery(modelsQuery);
  const start = useStartConversation();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const content = text.trim();
    if (!content || start.isPending) return;
    start.mutate({ content, model: defaultModel(models ?? [])?.id ?? "" });
  };
  return (
    <form onSubmit={submit} className="mt-5">
      {start.error && <ErrorNotice error={start.error} className="mb-3" />}
      <div className="flex items-center rounded-xl border border-line-strong/60 bg-raised p-1.5 shadow-raised focus-within:border-focus">
        <input
          aria-label={t("home.askLabel")}
          placeholder={t("home.ask")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="h-11 min-w-0 grow bg-transparent px-3.5 text-base outline-none placeholder:text-ink-faint"
        />
        <button
          type="submit"
          aria-label={t("chat.composer.send")}
          aria-disabled={!text.trim() || start.isPending || undefined}
          className="flex size-10 shrink-0 items-center justify-center rounded-lg bg-accent text-on-accent transition-colors duration-100 hover:bg-accent-hover aria-disabled:bg-active aria-disabled:text-ink-faint"
        >
          <ArrowUp aria-hidden className="size-5" />
        </button>
      </div>
    </form>
  );
}
