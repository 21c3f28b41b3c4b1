import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { sessionQuery } from "@/api/queries/session";
import { PagePending } from "@/components/layout/PagePending";

const Landing = lazy(() => import("./Landing").then((module) => ({ default: module.Landing })));
const Dashboard = lazy(() =>
  import("./Dashboard").then((module) => ({ default: module.Dashboard })),
);

/** The start page: what this is, for a stranger; where one was, for a user. */
export function HomePage() {
  const { data: signedIn } = useQuery(sessionQuery);
  return (
    <Suspense fallback={<PagePending />}>
      {signedIn ? <Dashboard user={signedIn.user} /> : <Landing />}
    </Suspense>
  );
}
