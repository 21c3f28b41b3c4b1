import { lazy, Suspense } from "react";

const Markdown = lazy(() => import("./Markdown").then((module) => ({ default: module.Markdown })));

type Props = { text: string; streaming?: boolean };

/** Markdown whose renderer comes after the page; until then its source is shown. */
export function LazyMarkdown(props: Props) {
  return (
    <Suspense fallback={<div className="prose whitespace-pre-wrap">{props.text}</div>}>
      <Markdown {...props} />
    </Suspense>
  );
}
