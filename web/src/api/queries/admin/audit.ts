import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../../client";
import { asApiError, errorFromBody } from "../../errors";
import type { AuditEntry } from "../../types";

/** Times are RFC 3339; from is included, to is not. */
export type AuditFilter = { userId?: string; eventType?: string; from?: string; to?: string };
export type AuditPage = { entries: AuditEntry[]; nextPageToken: string };

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ["admin", "audit", filter],
    queryFn: ({ pageParam }) => {
      const query = { ...filter, pageToken: pageParam || undefined };
      return unwrap<AuditPage>(api.GET("/api/admin/audit", { params: { query } }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

/** All that the filter leaves, as a table. A link could not ask for it: links have no Accept. */
export async function auditTable(filter: AuditFilter): Promise<Blob> {
  const query = new URLSearchParams(Object.entries(filter).filter(([, value]) => value));
  let response: Response;
  try {
    response = await fetch(`/api/admin/audit?${query}`, { headers: { Accept: "text/csv" } });
  } catch (cause) {
    throw asApiError(cause);
  }
  const csv = response.headers.get("Content-Type")?.startsWith("text/csv");
  if (!response.ok || !csv) throw errorFromBody(await response.json().catch(() => null), response);
  return response.blob();
}
