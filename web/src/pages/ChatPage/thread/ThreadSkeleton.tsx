import { Loading, Skeleton } from "@/components/ui/Skeleton";

export function ThreadSkeleton() {
  return (
    <Loading className="mx-auto flex w-full max-w-[768px] grow flex-col gap-6 px-6 py-8">
      <Skeleton className="h-11 w-2/5 self-end rounded-xl" />
      <div className="flex flex-col gap-3">
        <Skeleton className="h-4 w-full" />
        <Skeleton className="h-4 w-11/12" />
        <Skeleton className="h-4 w-3/5" />
      </div>
    </Loading>
  );
}
