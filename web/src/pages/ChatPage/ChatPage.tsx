import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import "@/i18n/chat";
import { ChatPageView } from "./ChatPageView";
import { NewConversation } from "./NewConversation";
import { ThreadSkeleton } from "./thread/ThreadSkeleton";

const load = () => import("./Conversation");
const Conversation = lazy(() => load().then((module) => ({ default: module.Conversation })));

export function ChatPage() {
  const { conversationId } = useParams({ strict: false });
  // Whoever begins a conversation is in one a moment later.
  useEffect(() => void load(), []);
  return (
    <ChatPageView>
      {conversationId ? (
        <Suspense fallback={<ThreadSkeleton />}>
          <Conversation id={conversationId} />
        </Suspense>
      ) : (
        <NewConversation />
      )}
    </ChatPageView>
  );
}
