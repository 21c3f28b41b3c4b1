import { api, unwrap } from "../../client";
import type { components } from "../../schema.gen";

type Schemas = components["schemas"];
type Filled<T> = { [K in keyof T]-?: NonNullable<T[K]> };

export type ProviderCheck = Filled<Schemas["atrium.ai.v1.CheckProviderResponse"]>;
export type IsolationCheck = Filled<Schemas["atrium.ide.v1.IsolationCheck"]>;

/** Really asks a provider for a few tokens. */
export async function checkProvider(name: string): Promise<ProviderCheck> {
  return unwrap<ProviderCheck>(
    api.POST("/api/admin/providers/{name}/check", { params: { path: { name } }, body: {} }),
  );
}

/** Really starts something in each isolation class, the default first. */
export async function checkIsolation(): Promise<IsolationCheck[]> {
  const answer = api.POST("/api/admin/isolation/check", { body: {} });
  return (await unwrap<{ classes: IsolationCheck[] }>(answer)).classes;
}
