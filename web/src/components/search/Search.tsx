import { lazy, Suspense, useEffect, useState } from "react";
import { onSearch } from "./open";

const SearchDialog = lazy(() =>
  import("./SearchDialog").then((module) => ({ default: module.SearchDialog })),
);

/** The search of every page; its code comes when it is first asked for. */
export function Search() {
  const [open, setOpen] = useState(false);
  useEffect(() => onSearch(() => setOpen(true)), []);
  if (!open) return null;
  return (
    <Suspense fallback={null}>
      <SearchDialog onClose={() => setOpen(false)} />
    </Suspense>
  );
}
