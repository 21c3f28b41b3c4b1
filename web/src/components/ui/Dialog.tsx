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

/** What a dialog offers to do, which stays in sight where the dialog is longer than the window. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="sticky -bottom-5 -mx-5 mt-2 -mb-5 flex justify-end gap-2 bg-raised px-5 pt-4 pb-5">
      {children}
    </div>
  );
}
