import type { OpenedWorkspace } from "@/api/types";

/**
 * Takes a frame to the workspace's host with its single-use ticket. A form's
 * POST keeps the ticket out of addresses, and so out of logs and history.
 */
export function postTicket(
  { url, ticket }: OpenedWorkspace,
  frameName: string,
  /** A file to open in the editor, by its path in the workspace; lines count from 1. */
  { file, line }: { file?: string; line?: number } = {},
) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = url;
  form.target = frameName;
  form.hidden = true;
  for (const [name, value] of Object.entries({ ticket, file, line: line?.toString() })) {
    if (!value) continue;
    const input = document.createElement("input");
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
  form.remove();
}
