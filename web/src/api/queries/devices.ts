import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { Session } from "../types";

export const devicesQuery = queryOptions({
  queryKey: ["devices"],
  queryFn: async () => {
    const query = { pageSize: 200 };
    const page = unwrap<{ sessions: Session[] }>(
      api.GET("/api/auth/sessions", { params: { query } }),
    );
    return (await page).sessions;
  },
});

export async function revokeDevice(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/auth/sessions/{id}", { params: { path: { id } } }));
}

export async function revokeOtherDevices(): Promise<void> {
  await unwrap(api.DELETE("/api/auth/sessions"));
}
