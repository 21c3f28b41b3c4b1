import i18n from "@/i18n";
import { toast } from "@/lib/toast";

/** Copies text and tells whether it worked; a browser may refuse. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast.error(i18n.t("common.copyFailed"));
    return false;
  }
}
