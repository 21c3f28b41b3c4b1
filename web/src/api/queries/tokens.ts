import { queryOptions } from "@tanstack/react-query";
import { api, idempotent, unwrap } from "../client";
import type { ApiToken, NewApiToken } from "../types";

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: async () => {
    const query = { pageSize: 200 };
    const page = unwrap<{ apiTokens: ApiToken[] }>(
      api.GET("/api/auth/tokens", { params: { query } }),
    );
    return (await page).apiTokens;
  },
});

export type TokenRequest = { name: string; scopes: string[]; expiresAt?: string };

/** The answer is the only one that holds the token's text. */
export async function createToken(body: TokenRequest): Promise<NewApiToken> {
  return unwrap<NewApiToken>(api.POST("/api/auth/tokens", { body, headers: idempotent() }));
}

export async function revokeToken(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/auth/tokens/{id}", { params: { path: { id } } }));
}
