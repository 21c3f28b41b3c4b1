import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { SearchResult } from "../types";

/** Titles and messages that have what is looked for. */
export function searchQuery(q: string) {
  return queryOptions({
    queryKey: ["search", q],
    queryFn: async () => {
      const query = { q, pageSize: 30 };
      const page = unwrap<{ results: SearchResult[] }>(
        api.GET("/api/chat/search", { params: { query } }),
      );
      return (await page).results;
    },
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
  });
}
