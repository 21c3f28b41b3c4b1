import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../client";
import type { EditorChoices } from "../types";

export type EditorSettings = { revision: string | number; choices: EditorChoices };

/** What the user wants of VS Code in every workspace. */
export const editorSettingsQuery = queryOptions({
  queryKey: ["editor-settings"] as const,
  queryFn: () => unwrap<EditorSettings>(api.GET("/api/ide/editor-settings")),
});

export async function putEditorSettings(choices: EditorChoices): Promise<EditorSettings> {
  const set = Object.fromEntries(Object.entries(choices).filter(([, one]) => one != null));
  return unwrap<EditorSettings>(
    api.PUT("/api/ide/editor-settings", { body: { choices: set as Record<string, never> } }),
  );
}
