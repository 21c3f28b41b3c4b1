import { useRef } from "react";
import { asApiError } from "@/api/errors";
import type { Attachment } from "@/api/types";
import { Logo } from "@/components/Logo";
import { PageTitle } from "@/components/PageTitle";
import { useTranslation } from "@/i18n/useTranslation";
import { useStartConversation } from "@/turns/useStartConversation";
import { Composer, type ComposerHandle } from "./composer/Composer";
import { ModelPicker } from "./composer/ModelPicker";
import { QuotaNotice } from "./composer/QuotaNotice";
import { RefusalNotice } from "./composer/RefusalNotice";
import { useModelChoice } from "./useModelChoice";

/** /chat without a conversation: a place to begin one. */
export function NewConversation() {
  const { t } = useTranslation();
  const composer = useRef<ComposerHandle>(null);
  const { models, model, remember } = useModelChoice(undefined);
  const start = useStartConversation();
  const suggestions = [
    t("chat.suggestions.first"),
    t("chat.suggestions.second"),
    t("chat.suggestions.third"),
  ];
  const send = (content: string, attachments: Attachment[]) =>
    start.mutate(
      { content, model: model?.id ?? "", attachments },
      { onError: () => composer.current?.fill(content, attachments) },
    );
  return (
    <div className="min-h-0 grow overflow-y-auto">
      <PageTitle title={t("chat.title")} />
      <div className="mx-auto flex min-h-full w-full max-w-[768px] flex-col justify-center px-3 py-8 sm:px-6">
        <Logo className="mx-auto size-10 text-accent" />
        <h1 className="mt-4 mb-7 text-center text-2xl">{t("chat.welcome")}</h1>
        {!start.error && <QuotaNotice />}
        {start.error && <RefusalNotice error={asApiError(start.error)} onDismiss={start.reset} />}
        <Composer
          ref={composer}
          draftId="new"
          phase={start.isPending ? "sending" : undefined}
          onSend={send}
          onStop={() => undefined}
        >
          <ModelPicker models={models} value={model?.id ?? ""} onChange={remember} />
        </Composer>
        <ul
          aria-label={t("chat.suggestions.label")}
          className="mt-4 flex flex-wrap justify-center gap-2"
        >
          {suggestions.map((suggestion) => (
            <li key={suggestion}>
              <button
                type="button"
                onClick={() => composer.current?.fill(suggestion)}
                className="rounded-full border px-3.5 py-1.5 text-start text-ink-soft text-sm transition-colors duration-100 hover:bg-hover hover:text-ink"
              >
                {suggestion}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
