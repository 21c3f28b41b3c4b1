import { errorFromBody } from "@/api/errors";
import { type ExportFormat, exportPath } from "@/api/queries/conversations";
import type { Conversation } from "@/api/types";
import { translate } from "@/i18n/useTranslation";
import { errorText } from "@/lib/errorText";
import { saveFile } from "@/lib/saveFile";
import { toast } from "@/lib/toast";

/** Saves a conversation as a file; a link could not say why there is none. */
export async function exportConversation({ id, title }: Conversation, format: ExportFormat) {
  try {
    const response = await fetch(exportPath(id, format));
    if (!response.ok) throw errorFromBody(await response.json().catch(() => null), response);
    saveFile(await response.blob(), `${fileName(title || translate("chat.untitled"))}.${format}`);
  } catch (error) {
    toast.error(errorText(error));
  }
}

/** A title as a file name that every system takes. */
export function fileName(title: string): string {
  const plain = title.replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]+/gu, " ").replace(/\s+/g, " ");
  return (
    plain
      .replace(/^[. ]+/, "")
      .slice(0, 80)
      .trim() || "conversation"
  );
}
