import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { Model } from "../types";

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: async () => (await unwrap<{ models: Model[] }>(api.GET("/api/ai/models"))).models,
  staleTime: 10 * 60_000,
});

export function defaultModel(models: Model[]): Model | undefined {
  return models.find((model) => model.default) ?? models[0];
}

/** The demo provider answers from a script, which every screen has to say. */
export function isDemo(model: Model | undefined): boolean {
  return model?.provider === "demo";
}
