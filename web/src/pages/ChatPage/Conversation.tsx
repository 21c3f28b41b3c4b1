import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { isNotFound } from "@/api/errors";
import { conversationQuery } from "@/api/queries/conversations";
import { messagesQuery } from "@/api/queries/messages";
import { CodeTools } from "@/components/markdown/CodeTools";
import { PageTitle } from "@/components/PageTitle";
import { useTranslation } from "@/i18n/useTranslation";
import { NotFound } from "@/pages/NotFoundPage";
import { usePhase, useRefusal, useResume } from "@/turns/TurnsProvider";
import { branch } from "@/turns/tree";
import { ChatContext } from "./ChatContext";
import { ConversationView } from "./ConversationView";
import { OpenInWorkspace } from "./code/OpenInWorkspace";
import type { ComposerHandle } from "./composer/Composer";
import { useContextOf } from "./useContextOf";
import { useConversationChat } from "./useConversationChat";
import { useEarlier } from "./useEarlier";
import { useModelChoice } from "./useModelChoice";
import { useTarget } from "./useTarget";

// The renderer of answers comes along with the page, not after its first answer.
void import("@/components/markdown/Markdown");

/** One conversation: loads it, follows what is being answered, and shows it. */
export function Conversation({ id }: { id: string }) {
  const { t } = useTranslation();
  const conversation = useQuery(conversationQuery(id));
  const messages = useQuery(messagesQuery(id));
  const phase = usePhase(id);
  const refusal = useRefusal(id);
  const choice = useModelChoice(conversation.data);
  const head = conversation.data?.headMessageId ?? "";
  const nodes = useMemo(() => branch(messages.data ?? [], head), [messages.data, head]);
  const chat = useConversationChat(id, nodes, phase, choice.model?.id ?? "");
  const earlier = useEarlier(id, messages.data, nodes, head);
  const context = useContextOf(id, nodes, choice.model?.id ?? "", phase !== undefined);
  const target = useTarget(messages.data, nodes, earlier, chat.choose);
  const composer = useRef<ComposerHandle>(null);
  useResume(messages.data);

  // What was not accepted goes back to where it was typed.
  useEffect(() => {
    const question = refusal?.question;
    if (question) composer.current?.fill(question.content, question.attachments);
  }, [refusal]);

  if (isNotFound(conversation.error) || isNotFound(messages.error)) return <NotFound />;
  const title = conversation.data?.title || t("chat.untitled");
  return (
    <ChatContext value={chat}>
      <CodeTools value={OpenInWorkspace}>
        <PageTitle title={title} />
        <ConversationView
          id={id}
          conversation={conversation.data}
          title={title}
          composer={composer}
          nodes={nodes}
          earlier={earlier}
          target={target}
          loading={conversation.isPending || messages.isPending}
          error={conversation.error ?? messages.error}
          onReload={() => Promise.all([conversation.refetch(), messages.refetch()])}
          context={context}
          phase={phase}
          refusal={refusal}
          models={choice.models}
          model={choice.model}
          onModel={(model) => {
            choice.remember(model);
            chat.setModel(model);
          }}
          onSend={chat.send}
          onStop={chat.stop}
          onDismiss={chat.dismiss}
          onEditLast={chat.editLast}
        />
      </CodeTools>
    </ChatContext>
  );
}
