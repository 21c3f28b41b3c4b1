import { WifiOff } from "lucide-react";
import type { Ref } from "react";
import type { Attachment, Conversation, ConversationContext, Model } from "@/api/types";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { useTranslation } from "@/i18n/useTranslation";
import type { Refusal } from "@/turns/TurnManager";
import type { Node } from "@/turns/tree";
import type { Phase } from "@/turns/turn";
import { Composer, type ComposerHandle } from "./composer/Composer";
import { ContextMeter } from "./composer/ContextMeter";
import { ModelPicker } from "./composer/ModelPicker";
import { QuotaNotice } from "./composer/QuotaNotice";
import { RefusalNotice } from "./composer/RefusalNotice";
import { ConversationHeader } from "./conversation/ConversationHeader";
import { Announcer } from "./thread/Announcer";
import { Thread } from "./thread/Thread";
import { ThreadSkeleton } from "./thread/ThreadSkeleton";
import type { Earlier } from "./useEarlier";
import type { Target } from "./useTarget";

type Props = {
  id: string;
  conversation?: Conversation;
  title: string;
  composer: Ref<ComposerHandle>;
  nodes: Node[];
  earlier: Earlier;
  target: Target;
  loading: boolean;
  error: Error | null;
  onReload: () => void;
  context?: ConversationContext;
  phase?: Phase;
  refusal?: Refusal;
  models: Model[];
  model?: Model;
  onModel: (id: string) => void;
  onSend: (text: string, attachments: Attachment[]) => void;
  onStop: () => void;
  onDismiss: () => void;
  onEditLast: () => void;
};

export function ConversationView(props: Props) {
  const { id, conversation, title, nodes, loading, error, phase, refusal, models, model } = props;
  const { t } = useTranslation();
  const last = nodes.at(-1)?.message;
  return (
    <>
      {conversation ? (
        <ConversationHeader conversation={conversation} title={title} />
      ) : (
        <h1 className="sr-only">{title}</h1>
      )}
      {error ? (
        <div className="mx-auto w-full max-w-[768px] grow p-6">
          <ErrorNotice error={error} onRetry={props.onReload} />
        </div>
      ) : loading ? (
        <ThreadSkeleton />
      ) : (
        <Thread
          key={id}
          conversationId={id}
          nodes={nodes}
          context={props.context}
          earlier={props.earlier.more}
          onEarlier={props.earlier.load}
          target={props.target.id}
          onReached={props.target.reached}
        />
      )}
      <Announcer key={`said-${id}`} phase={phase} status={last?.status} />
      <div className="mx-auto w-full max-w-[768px] shrink-0 px-3 pb-3 sm:px-6 sm:pb-5">
        {phase === "reconnecting" && (
          <p role="status" className="flex items-center gap-2 pb-2 text-busy text-xs">
            <WifiOff aria-hidden className="size-3.5" /> {t("chat.reconnecting")}
          </p>
        )}
        {refusal ? (
          <RefusalNotice error={refusal.error} onDismiss={props.onDismiss} />
        ) : (
          <QuotaNotice />
        )}
        <Composer
          key={id}
          ref={props.composer}
          draftId={id}
          phase={phase}
          onSend={props.onSend}
          onStop={props.onStop}
          onEditLast={props.onEditLast}
          disabled={loading || error !== null}
        >
          <ModelPicker models={models} value={model?.id ?? ""} onChange={props.onModel} />
          {props.context && <ContextMeter context={props.context} />}
        </Composer>
      </div>
    </>
  );
}
