import type { QueryClient } from "@tanstack/react-query";
import { sessionKey } from "@/api/queries/session";
import type { createAppRouter } from "@/router";
import { Live } from "@/turns/live";
import type { TurnManager } from "@/turns/TurnManager";

const openPaths = ["/", "/login", "/register", "/forgot", "/reset"];

/** Hears of what other tabs do for as long as somebody is signed in. */
export function followSession(queries: QueryClient, turns: TurnManager) {
  const live = new Live(queries, turns);
  queries.getQueryCache().subscribe(({ type, query }) => {
    if (type !== "updated" || query.queryKey[0] !== sessionKey[0]) return;
    if (query.state.data) live.start();
    else live.stop();
  });
}

/** Leads to the sign-in page, and back afterwards, when the session ends under the user. */
export function endedSession(
  queries: QueryClient,
  router: ReturnType<typeof createAppRouter>,
  turns: TurnManager,
) {
  let signedIn = false;
  queries.getQueryCache().subscribe(({ type, query }) => {
    if (type !== "updated" || query.queryKey[0] !== sessionKey[0]) return;
    const was = signedIn;
    signedIn = Boolean(query.state.data);
    if (!was || query.state.data !== null) return;

    turns.reset();
    const { pathname, href } = router.state.location;
    if (openPaths.includes(pathname) || pathname.startsWith("/share/")) return;
    void router.navigate({ to: "/login", search: { next: href } });
    queries.removeQueries({ predicate: (other) => other.queryKey[0] !== sessionKey[0] });
  });
}
