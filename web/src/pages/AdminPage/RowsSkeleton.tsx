import { Loading, Skeleton } from "@/components/ui/Skeleton";

export function RowsSkeleton() {
  return (
    <Loading className="mt-6 flex flex-col gap-2.5">
      {[0, 1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} className="h-11" />
      ))}
    </Loading>
  );
}
