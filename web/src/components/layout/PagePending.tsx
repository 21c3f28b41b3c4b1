import { Loading, Skeleton } from "@/components/ui/Skeleton";

/** Shown when a page's code takes its time. */
export function PagePending() {
  return (
    <Loading className="min-h-dvh">
      <div className="flex h-12 items-center gap-4 border-b px-4">
        <Skeleton className="h-5 w-20" />
        <Skeleton className="h-5 w-14" />
        <Skeleton className="h-5 w-14" />
      </div>
    </Loading>
  );
}
