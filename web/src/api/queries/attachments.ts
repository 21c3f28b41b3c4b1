import { asApiError, errorFromBody } from "../errors";
import type { Attachment } from "../types";

export function attachmentPath(id: string): string {
  return `/api/chat/attachments/${id}/content`;
}

/** Sends a file ahead of the message that it will go with. fetch can't tell how far it is. */
export function uploadAttachment(
  file: File,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/chat/attachments?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => onProgress(event.loaded / Math.max(event.total, 1));
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status < 300) return resolve(body as Attachment);
      reject(errorFromBody(body, new Response(null, { status: request.status })));
    };
    request.onerror = () => reject(asApiError(new TypeError()));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Takes back a file that was not sent; one that is gone already is no fault. */
export async function discardAttachment(id: string): Promise<void> {
  await fetch(`/api/chat/attachments/${id}`, { method: "DELETE" }).catch(() => undefined);
}
