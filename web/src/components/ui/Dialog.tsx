import { lazy, type ReactNode, Suspense } from "react";

const DialogContent = lazy(() =>
  import("./DialogContent").then((module) => ({ default: module.DialogContent })),
);

export type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  /** Only its own buttons close it, so that what it shows is not lost by a slip. */
  keep?: boolean;
  children: ReactNode;
};

/** A question or a form over the page; what makes it one comes with the first. */
export function Dialog(props: DialogProps) {
  if (!props.open) return null;
  return (
    <Suspense fallback={null}>
      <DialogContent {...props} />
    </Suspense>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-6 flex justify-end gap-2">{children}</div>;
}
