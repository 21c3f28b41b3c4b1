import { lazy, Suspense, useEffect, useState } from "react";
import { onFirstToast } from "@/lib/toast";

const Toasts = lazy(() => import("./Toasts").then((module) => ({ default: module.Toasts })));

export function Toaster() {
  const [wanted, setWanted] = useState(false);
  useEffect(() => onFirstToast(() => setWanted(true)), []);
  return wanted && <Suspense fallback={null}>{<Toasts />}</Suspense>;
}
