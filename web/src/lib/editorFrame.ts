/** The name of the frame in which a workspace's VS Code stands. */
export const frameNameOf = (workspaceId: string) => `editor-${workspaceId}`;

/** Gives the keyboard to a workspace's VS Code, if it stands in this page. */
export function focusEditor(workspaceId: string) {
  document.getElementsByName(frameNameOf(workspaceId))[0]?.focus();
}
