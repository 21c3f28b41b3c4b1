import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect } from "react";
import type { Message } from "@/api/types";
import type { Node } from "@/turns/tree";
import type { Earlier } from "./useEarlier";

/** The message that the address asks for: loads it and shows the branch that it is in. */
export function useTarget(
  messages: Message[] | undefined,
  nodes: Node[],
  earlier: Earlier,
  choose: (messageId: string) => void,
) {
  const { message: wanted } = useSearch({ strict: false });
  const navigate = useNavigate();
  const loaded = messages?.some((message) => message.id === wanted) ?? false;
  const shown = nodes.some(({ message }) => message.id === wanted);
  const missing = messages !== undefined && !loaded;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is asked for when one has come without it.
  useEffect(() => {
    if (wanted && missing && earlier.any) void earlier.load();
  }, [wanted, missing, messages?.length, earlier.any]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the branch is chosen once, then it is the reader's.
  useEffect(() => {
    if (wanted && loaded && !shown) choose(wanted);
  }, [wanted, loaded]);

  const reached = useCallback(
    () => void navigate({ to: ".", search: {}, replace: true }),
    [navigate],
  );
  return { id: wanted, reached };
}

export type Target = ReturnType<typeof useTarget>;
