import { type QueryClient, useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { announcementsQuery } from "@/api/queries/announcements";
import { modelsQuery } from "@/api/queries/models";

const load = () => import("./AnnouncementList");
const AnnouncementList = lazy(() =>
  load().then((module) => ({ default: module.AnnouncementList })),
);

/** What administrators have to say to everybody; what shows it comes with the first. */
export function Announcements() {
  const { data: announcements } = useQuery(announcementsQuery);
  if (!announcements?.length) return null;
  return (
    <Suspense fallback={null}>
      <AnnouncementList announcements={announcements} />
    </Suspense>
  );
}

/**
 * Waits for the first answers to what may have to be said above every page, so that
 * none moves down by it after it is shown. Does without on a fault.
 */
export async function announcementsFirst(queries: QueryClient) {
  const demo = queries.prefetchQuery({ ...modelsQuery, retry: false });
  const { queryKey } = announcementsQuery;
  if (!queries.getQueryState(queryKey)?.dataUpdatedAt) {
    await queries.prefetchQuery({ ...announcementsQuery, retry: false });
    if (queries.getQueryData(queryKey)?.length) await load().catch(() => undefined);
  }
  await demo;
}
