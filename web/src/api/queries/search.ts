import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { SearchResult } from "../types";

type Page = { results: SearchResult[]; nextPageToken: string };

/** Titles and messages that have what is looked for. */
export function searchQuery(q: string) {
  return queryOptions({
    queryKey: ["search", q],
    queryFn: async () => {
      for (let pageToken = ""; ; ) {
        const query = { q, pageSize: 30, pageToken };
        const page = await unwrap<Page>(api.GET("/api/chat/search", { params: { query } }));
        // A page ends early when many texts only looked like it.
        if (page.results.length > 0 || !page.nextPageToken) return page.results;
        pageToken = page.nextPageToken;
      }
    },
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
  });
}
