import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../../client";
import type { components } from "../../schema.gen";

export type Overview = components["schemas"]["Overview"];
export type ProviderState = NonNullable<Overview["providers"]>[number];

/** What an administrator looks at first; looked up anew every half minute. */
export const overviewQuery = queryOptions({
  queryKey: ["admin", "overview"] as const,
  queryFn: () => unwrap<Overview>(api.GET("/api/admin/overview")),
  refetchInterval: 30_000,
});
