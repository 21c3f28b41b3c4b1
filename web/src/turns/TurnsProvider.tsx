import {
  createContext,
  type PropsWithChildren,
  useContext,
  useEffect,
  useSyncExternalStore,
} from "react";
import type { Message } from "@/api/types";
import type { Refusal, TurnManager } from "./TurnManager";
import type { Phase } from "./turn";

const TurnsContext = createContext<TurnManager | null>(null);

export function TurnsProvider({ turns, children }: PropsWithChildren<{ turns: TurnManager }>) {
  return <TurnsContext value={turns}>{children}</TurnsContext>;
}

export function useTurns(): TurnManager {
  const turns = useContext(TurnsContext);
  if (!turns) throw new Error("useTurns needs a TurnsProvider around it");
  return turns;
}

/** What is going on in a conversation; undefined when nothing is being answered. */
export function usePhase(conversationId: string): Phase | undefined {
  const turns = useTurns();
  return useSyncExternalStore(turns.subscribe, () => turns.phase(conversationId));
}

/** What the server did not take of this conversation, until it is dismissed or sent again. */
export function useRefusal(conversationId: string): Refusal | undefined {
  const turns = useTurns();
  return useSyncExternalStore(turns.subscribe, () => turns.refusal(conversationId));
}

/** Follows every answer that was running before this page was opened. */
export function useResume(messages: Message[] | undefined) {
  const turns = useTurns();
  useEffect(() => {
    for (const message of messages ?? []) {
      if (message.status === "streaming") turns.resume(message);
    }
  }, [messages, turns]);
}
