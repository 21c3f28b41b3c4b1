import type { QueryClient } from "@tanstack/react-query";
import { sessionKey } from "@/api/queries/session";

/** Whether the operator wants one. In development nobody answers, and there is none. */
const wanted =
  document.querySelector<HTMLMetaElement>('meta[name="atrium-worker"]')?.content === "on";

/**
 * Gives the pages a service worker once somebody is signed in: who only looks in
 * need not load what is kept. One that is not wanted any more leaves by itself.
 */
export function keepShell(queries: QueryClient) {
  const { serviceWorker } = navigator; // absent where the connection is not secure
  if (!wanted || !serviceWorker) return;
  const stop = queries.getQueryCache().subscribe(({ type, query }) => {
    if (type !== "updated" || query.queryKey[0] !== sessionKey[0] || !query.state.data) return;
    stop();
    afterLoad(() => void register(serviceWorker));
  });
}

/** What the page needs comes first. */
function afterLoad(then: () => void) {
  if (document.readyState === "complete") then();
  else window.addEventListener("load", then, { once: true });
}

async function register(serviceWorker: ServiceWorkerContainer) {
  try {
    const registration = await serviceWorker.register("/sw.js");
    // This page came from the network, so it is of the version that waits, or newer.
    registration.waiting?.postMessage("take over");
  } catch {
    // The pages work without, as they do in browsers that store nothing.
  }
}
