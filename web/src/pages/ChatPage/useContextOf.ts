import { useQuery } from "@tanstack/react-query";
import { contextQuery } from "@/api/queries/context";
import { isPlaceholder } from "@/api/queries/messages";
import type { ConversationContext } from "@/api/types";
import type { Node } from "@/turns/tree";

/** What the model would be given of the branch that is shown; asked for between answers only. */
export function useContextOf(
  id: string,
  nodes: Node[],
  model: string,
  busy: boolean,
): ConversationContext | undefined {
  const last = nodes.at(-1)?.message;
  const known = last !== undefined && !isPlaceholder(last);
  const query = contextQuery(id, last?.id ?? "", model);
  return useQuery({ ...query, enabled: known && !busy }).data;
}
