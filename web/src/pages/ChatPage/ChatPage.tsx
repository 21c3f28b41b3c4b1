import { useParams } from "@tanstack/react-router";
import { ChatPageView } from "./ChatPageView";
import { Conversation } from "./Conversation";
import { NewConversation } from "./NewConversation";

export function ChatPage() {
  const { conversationId } = useParams({ strict: false });
  return (
    <ChatPageView>
      {conversationId ? <Conversation id={conversationId} /> : <NewConversation />}
    </ChatPageView>
  );
}
