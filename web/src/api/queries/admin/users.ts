import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../../client";
import type { User } from "../../types";

export type Role = "user" | "admin" | "owner";
export type UserFilter = { q?: string; role?: Role; plan?: string; active?: boolean };
export type UserChange = { roles?: Role[]; plan?: string; isActive?: boolean; totpEnabled?: false };
export type UserPage = { users: User[]; nextPageToken: string };

export const usersKey = ["admin", "users"] as const;

function listUsers(filter: UserFilter & { pageSize?: number; pageToken?: string }) {
  return unwrap<UserPage>(api.GET("/api/admin/users", { params: { query: filter } }));
}

export function usersQuery(filter: UserFilter) {
  return infiniteQueryOptions({
    queryKey: [...usersKey, "list", filter],
    queryFn: ({ pageParam }) => listUsers({ ...filter, pageToken: pageParam || undefined }),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
  });
}

/** A few accounts that a text is part of, for choosing one. */
export function userMatchesQuery(q: string) {
  return queryOptions({
    queryKey: [...usersKey, "matches", q],
    queryFn: async () => (await listUsers({ q, pageSize: 8 })).users,
    enabled: q.length > 1,
  });
}

export function userQuery(id: string) {
  return queryOptions({
    queryKey: [...usersKey, "one", id],
    queryFn: () => unwrap<User>(api.GET("/api/admin/users/{id}", { params: { path: { id } } })),
  });
}

export async function updateUser(id: string, body: UserChange): Promise<User> {
  return unwrap<User>(api.PATCH("/api/admin/users/{id}", { params: { path: { id } }, body }));
}

export async function deleteUser(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/admin/users/{id}", { params: { path: { id } } }));
}

export async function revokeUserSessions(id: string): Promise<void> {
  const params = { path: { id } };
  await unwrap(api.POST("/api/admin/users/{id}/sessions/revoke", { params, body: {} }));
}
