import { translate } from "@/i18n/useTranslation";
import { toast } from "@/lib/toast";

/** Copies text and tells whether it worked; a browser may refuse. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast.error(translate("common.copyFailed"));
    return false;
  }
}
