import { asApiError, errorFromBody } from "../errors";

function contentOf(workspaceId: string, path: string): string {
  return `/api/ide/workspaces/${workspaceId}/files/content?${new URLSearchParams({ path })}`;
}

async function request(url: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    throw asApiError(cause);
  }
  if (!response.ok) throw errorFromBody(await response.json().catch(() => null), response);
  return response;
}

/** The text of a file of a workspace. */
export async function readFile(workspaceId: string, path: string): Promise<string> {
  return (await request(contentOf(workspaceId, path))).text();
}

/** Writes a text file of a workspace; without overwrite only where there is none. */
export async function writeFile(
  workspaceId: string,
  path: string,
  text: string,
  { overwrite }: { overwrite: boolean },
): Promise<void> {
  const headers = new Headers({ "Content-Type": "application/octet-stream" });
  if (!overwrite) headers.set("If-None-Match", "*");
  await request(contentOf(workspaceId, path), { method: "PUT", headers, body: text });
}
