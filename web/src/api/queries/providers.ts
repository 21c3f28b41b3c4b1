import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { Identity, SignInOptions } from "../types";

export const signInOptionsQuery = queryOptions({
  queryKey: ["sign-in-options"],
  queryFn: () => unwrap<SignInOptions>(api.GET("/api/auth/providers")),
  staleTime: 5 * 60_000,
});

export const identitiesQuery = queryOptions({
  queryKey: ["identities"],
  queryFn: async () => {
    const list = unwrap<{ identities: Identity[] }>(api.GET("/api/auth/identities"));
    return (await list).identities;
  },
});

/** The address at the provider to go to; the way back ends at the settings. */
export async function linkIdentity(provider: string): Promise<string> {
  const call = api.POST("/api/auth/oidc/{provider}/link", {
    params: { path: { provider } },
    body: {},
  });
  return (await unwrap<{ url: string }>(call)).url;
}

export async function unlinkIdentity(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/auth/identities/{id}", { params: { path: { id } } }));
}
