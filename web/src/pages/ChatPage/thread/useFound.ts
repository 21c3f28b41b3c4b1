import { useEffect, useState } from "react";
import type { Node } from "@/turns/tree";

/** How long a message that was looked for stays marked. */
const markedMs = 2_500;

/** Goes to the message that was looked for, once it is among those shown, and marks it for a while. */
export function useFound(
  nodes: Node[],
  target: string | undefined,
  onReached: () => void,
  go: (index: number) => void,
): string | undefined {
  const [found, setFound] = useState<string>();
  const index = target ? nodes.findIndex((node) => node.message.id === target) : -1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes there once, when the message is there.
  useEffect(() => {
    if (index < 0) return;
    go(index);
    setFound(target);
    onReached();
  }, [index < 0, target]);
  useEffect(() => {
    if (!found) return;
    const timer = setTimeout(() => setFound(undefined), markedMs);
    return () => clearTimeout(timer);
  }, [found]);
  return found;
}
