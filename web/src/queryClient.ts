import { MutationCache, onlineManager, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError, isUnauthenticated } from "@/api/errors";
import { sessionKey } from "@/api/queries/session";

/** The cache of what the server said. An ended session is noticed by any call. */
export function createQueryClient(): QueryClient {
  // It hears of changes only, and a page may begin without a network.
  onlineManager.setOnline(navigator.onLine);
  const onError = (error: Error) => {
    if (isUnauthenticated(error)) client.setQueryData(sessionKey, null);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, error) => count < 2 && error instanceof ApiError && error.temporary,
      },
    },
  });
  return client;
}
