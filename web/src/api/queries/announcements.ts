import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { Announcement } from "../types";

type Announcements = { announcements: Announcement[] };

/** What administrators have to say to the user now; looked up anew every few minutes. */
export const announcementsQuery = queryOptions({
  queryKey: ["announcements"] as const,
  queryFn: async () => (await unwrap<Announcements>(api.GET("/api/announcements"))).announcements,
  staleTime: 60_000,
  refetchInterval: 3 * 60_000,
});

export async function dismissAnnouncement(id: string): Promise<void> {
  await unwrap(api.POST("/api/announcements/{id}/dismiss", { params: { path: { id } }, body: {} }));
}

export const allAnnouncementsQuery = queryOptions({
  queryKey: ["admin", "announcements"] as const,
  queryFn: async () =>
    (await unwrap<Announcements>(api.GET("/api/admin/announcements"))).announcements,
});

export type AnnouncementDraft = Omit<Announcement, "id" | "createdAt" | "updatedAt">;

/** Makes an announcement, or replaces the one of the id. The key makes it safe to repeat. */
export async function saveAnnouncement(given: {
  id?: string;
  key: string;
  draft: AnnouncementDraft;
}): Promise<Announcement> {
  const { id, key, draft } = given;
  const body = { ...draft, from: draft.from ?? undefined, until: draft.until ?? undefined };
  return unwrap<Announcement>(
    id
      ? api.PUT("/api/admin/announcements/{id}", { params: { path: { id } }, body })
      : api.POST("/api/admin/announcements", { headers: { "Idempotency-Key": key }, body }),
  );
}

export async function deleteAnnouncement(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/admin/announcements/{id}", { params: { path: { id } } }));
}
