import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { earlierQuery, loadEarlier } from "@/api/queries/messages";
import type { Message } from "@/api/types";
import { errorText } from "@/lib/errorText";
import { toast } from "@/lib/toast";
import { goesFurtherBack, type Node } from "@/turns/tree";

/** The messages before those that are loaded: whether the branch needs them, and how to get them. */
export function useEarlier(
  id: string,
  messages: Message[] | undefined,
  nodes: Node[],
  head: string,
) {
  const queries = useQueryClient();
  const token = useQuery(earlierQuery(id)).data ?? "";
  const load = useCallback(async () => {
    try {
      return await loadEarlier(queries, id);
    } catch (error) {
      toast.error(errorText(error));
      return false;
    }
  }, [queries, id]);
  return {
    more: token !== "" && goesFurtherBack(messages ?? [], nodes, head),
    any: token !== "",
    load,
  };
}

export type Earlier = ReturnType<typeof useEarlier>;
