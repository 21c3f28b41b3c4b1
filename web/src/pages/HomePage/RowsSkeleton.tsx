import { Loading, Skeleton } from "@/components/ui/Skeleton";

export function RowsSkeleton() {
  return (
    <Loading className="flex flex-col gap-5 py-3.5">
      <Skeleton className="h-3.5 w-4/5" />
      <Skeleton className="h-3.5 w-3/5" />
      <Skeleton className="h-3.5 w-2/3" />
    </Loading>
  );
}
