import { queryOptions } from "@tanstack/react-query";
import { api, idempotent, unwrap } from "../client";
import type { Prompt } from "../types";

export const promptsQuery = queryOptions({
  queryKey: ["prompts"],
  queryFn: async () => {
    const query = { pageSize: 200 };
    const page = unwrap<{ prompts: Prompt[] }>(api.GET("/api/chat/prompts", { params: { query } }));
    return (await page).prompts;
  },
  staleTime: 60_000,
});

export type PromptText = Pick<Prompt, "title" | "content">;

/** Keeps a prompt: a new one, or another text of one that is there. */
export function savePrompt(body: PromptText, id?: string): Promise<Prompt> {
  if (id === undefined)
    return unwrap<Prompt>(api.POST("/api/chat/prompts", { body, headers: idempotent() }));
  return unwrap<Prompt>(api.PATCH("/api/chat/prompts/{id}", { params: { path: { id } }, body }));
}

export async function deletePrompt(id: string): Promise<void> {
  await unwrap(api.DELETE("/api/chat/prompts/{id}", { params: { path: { id } } }));
}
