import { useInfiniteQuery } from "@tanstack/react-query";
import { SquarePen, X } from "lucide-react";
import { useEffect, useRef } from "react";
import "@/i18n/chat";
import { asApiError } from "@/api/errors";
import { conversationsQuery } from "@/api/queries/conversations";
import { inputClass } from "@/components/ui/Field";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { Conversation } from "@/pages/ChatPage/Conversation";
import { Composer, type ComposerHandle } from "@/pages/ChatPage/composer/Composer";
import { ModelPicker } from "@/pages/ChatPage/composer/ModelPicker";
import { QuotaNotice } from "@/pages/ChatPage/composer/QuotaNotice";
import { RefusalNotice } from "@/pages/ChatPage/composer/RefusalNotice";
import { useModelChoice } from "@/pages/ChatPage/useModelChoice";
import { useStartConversation } from "@/turns/useStartConversation";
import type { ChatPanelState } from "./useChatPanel";

type Props = { workspaceId: string; chat: ChatPanelState };

/**
 * The platform's chat beside the editor: the conversations that belong to the
 * workspace, which the chat inside of VS Code has as well.
 */
export function ChatPanel({ workspaceId, chat }: Props) {
  const { t } = useTranslation();
  const list = useInfiniteQuery(conversationsQuery(false));
  const own = (list.data?.pages ?? [])
    .flatMap((page) => page.conversations)
    .filter((one) => one.workspaceId === workspaceId);
  const { conversation: current, setConversation: setCurrent } = chat;
  return (
    <section
      aria-label={t("workspace.chat")}
      className="absolute inset-y-0 end-0 z-10 flex w-full flex-col border-s bg-surface sm:static sm:w-[380px] sm:shrink-0"
    >
      <div className="flex items-center gap-1 border-b p-2">
        <select
          aria-label={t("workspace.chatWhich")}
          className={cn(inputClass, "h-9 min-w-0 grow")}
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        >
          <option value="">{t("workspace.chatNew")}</option>
          {own.map(({ id, title }) => (
            <option key={id} value={id}>
              {title || t("chat.untitled")}
            </option>
          ))}
          {current && !own.some(({ id }) => id === current) && (
            <option value={current}>{t("chat.untitled")}</option>
          )}
        </select>
        <IconButton label={t("workspace.chatNew")} onClick={() => setCurrent("")}>
          <SquarePen />
        </IconButton>
        <IconButton label={t("workspace.chatClose")} onClick={chat.toggle}>
          <X />
        </IconButton>
      </div>
      {current ? (
        <Conversation key={current} id={current} />
      ) : (
        <Begin workspaceId={workspaceId} onStarted={setCurrent} />
      )}
    </section>
  );
}

function Begin({ workspaceId, onStarted }: { workspaceId: string; onStarted(id: string): void }) {
  const composer = useRef<ComposerHandle>(null);
  const { models, model, remember } = useModelChoice(undefined);
  const start = useStartConversation({ workspaceId, onStarted });
  // Whoever opens the chat means to write.
  useEffect(() => composer.current?.focus(), []);
  return (
    <div className="mt-auto p-3">
      {start.error ? (
        <RefusalNotice error={asApiError(start.error)} onDismiss={start.reset} />
      ) : (
        <QuotaNotice />
      )}
      <Composer
        ref={composer}
        draftId={`workspace-${workspaceId}`}
        phase={start.isPending ? "sending" : undefined}
        onSend={(content, attachments) =>
          start.mutate(
            { content, model: model?.id ?? "", attachments },
            { onError: () => composer.current?.fill(content, attachments) },
          )
        }
        onStop={() => undefined}
      >
        <ModelPicker models={models} value={model?.id ?? ""} onChange={remember} />
      </Composer>
    </div>
  );
}
