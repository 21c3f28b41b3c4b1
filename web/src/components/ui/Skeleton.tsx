import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";

/** The shape of something that is on its way. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn("animate-pulse-soft rounded-md bg-active", className)} />;
}

/** Says once, to those who can't see the skeletons, that something is loading. */
export function Loading({ className, children }: React.PropsWithChildren<{ className?: string }>) {
  const { t } = useTranslation();
  return (
    <div role="status" className={className}>
      <span className="sr-only">{t("common.loading")}</span>
      {children}
    </div>
  );
}
