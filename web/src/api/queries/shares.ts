import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { Share, Shared } from "../types";

/** Makes a snapshot of the branch for whoever has the link; one that is shared already keeps its link. */
export function shareConversation(id: string, headMessageId: string): Promise<Share> {
  const options = { params: { path: { id } }, body: { headMessageId } };
  return unwrap<Share>(api.POST("/api/chat/conversations/{id}/share", options));
}

export async function unshareConversation(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/chat/conversations/{id}/share", { params: { path: { id } } }));
}

export function sharedQuery(token: string) {
  return queryOptions({
    queryKey: ["shared", token],
    queryFn: () =>
      unwrap<Shared>(api.GET("/api/chat/shared/{token}", { params: { path: { token } } })),
    staleTime: 60_000,
  });
}
