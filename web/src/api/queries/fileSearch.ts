import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { FoundFile } from "../types";

/** Files of the user's running workspaces by the words of their path. */
export function fileSearchQuery(q: string) {
  return queryOptions({
    queryKey: ["file-search", q] as const,
    queryFn: async () =>
      (
        await unwrap<{ files: FoundFile[] }>(
          api.GET("/api/ide/files/search", { params: { query: { q } } }),
        )
      ).files,
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
  });
}
