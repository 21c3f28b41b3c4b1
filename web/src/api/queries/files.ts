import { asApiError, errorFromBody } from "../errors";

/** Writes a text file of a workspace; without overwrite only where there is none. */
export async function writeFile(
  workspaceId: string,
  path: string,
  text: string,
  { overwrite }: { overwrite: boolean },
): Promise<void> {
  const query = new URLSearchParams({ path });
  const headers = new Headers({ "Content-Type": "application/octet-stream" });
  if (!overwrite) headers.set("If-None-Match", "*");
  let response: Response;
  try {
    response = await fetch(`/api/ide/workspaces/${workspaceId}/files/content?${query}`, {
      method: "PUT",
      headers,
      body: text,
    });
  } catch (cause) {
    throw asApiError(cause);
  }
  if (!response.ok) throw errorFromBody(await response.json().catch(() => null), response);
}
