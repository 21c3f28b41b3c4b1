/** The name of the frame in which a workspace's VS Code stands. */
export const frameNameOf = (workspaceId: string) => `editor-${workspaceId}`;

/** Gives the keyboard to a workspace's VS Code, if it stands in this page. */
export function focusEditor(workspaceId: string) {
  const [frame] = document.getElementsByName(frameNameOf(workspaceId));
  if (frame instanceof HTMLIFrameElement) frame.contentWindow?.focus();
}
