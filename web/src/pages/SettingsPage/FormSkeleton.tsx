import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { cn } from "@/lib/cn";

/** Stands where a form will be, as high as it, so that nothing moves when it is there. */
export function FormSkeleton({ fields, className }: { fields: number; className: string }) {
  return (
    <Loading className={cn("grid max-w-md content-start gap-4", className)}>
      {Array.from({ length: fields }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike.
        <Skeleton key={index} className="h-[66px]" />
      ))}
    </Loading>
  );
}
