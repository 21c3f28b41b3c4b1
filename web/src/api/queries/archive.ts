import { ApiError, asApiError, type ErrorBody, networkError } from "../errors";

export type ArchiveFormat = "zip" | "tar.gz";
export type Unpacked = { files: number };

/** Where the browser downloads a workspace's files from. */
export function archiveUrl(workspaceId: string, format: ArchiveFormat): string {
  return `/api/ide/workspaces/${workspaceId}/archive?${new URLSearchParams({ format })}`;
}

/**
 * Unpacks an archive into a workspace's folder. fetch tells nothing of how far an
 * upload has come, so this is the older way.
 */
export function uploadArchive(
  workspaceId: string,
  path: string,
  archive: Blob,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Unpacked> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const query = new URLSearchParams(path ? { path } : {});
    request.open("PUT", `/api/ide/workspaces/${workspaceId}/archive?${query}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onerror = () => reject(networkError());
    request.onabort = () => reject(asApiError(signal.reason));
    request.onload = () => {
      const body = parsed(request.responseText) as (Unpacked & { error?: ErrorBody }) | null;
      if (request.status === 200 && body) return resolve(body);
      reject(
        new ApiError(
          body?.error ?? {
            code: request.status,
            reason: "UNREADABLE_ANSWER",
            message: `The server answered with status ${request.status} and no explanation.`,
          },
        ),
      );
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(archive);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
