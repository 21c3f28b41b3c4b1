import { Copy, Download } from "lucide-react";
import { Button } from "@/components/ui/Button";
import { DialogActions } from "@/components/ui/Dialog";
import { useTranslation } from "@/i18n/useTranslation";
import { saveFile } from "@/lib/saveFile";
import { useCopy } from "@/lib/useCopy";

type Props = { username: string; codes: string[]; onDone: () => void };

/** The recovery codes, to be put away before the dialog closes. */
export function RecoveryCodes({ username, codes, onDone }: Props) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  const text = `${codes.join("\n")}\n`;
  const file = () => {
    const head = t("settings.codesFileHead", { host: window.location.host, username });
    saveFile(new Blob([`${head}\n\n${text}`], { type: "text/plain" }), "atrium-recovery-codes.txt");
  };
  return (
    <>
      <ul
        aria-label={t("settings.codesTitle")}
        className="grid select-all gap-x-4 gap-y-1.5 whitespace-nowrap rounded-md border bg-sunken px-4 py-3 font-mono text-sm sm:grid-cols-2 sm:text-xs"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button size="sm" onClick={() => copy(text)}>
          <Copy aria-hidden /> {copied ? t("common.copied") : t("common.copy")}
        </Button>
        <Button size="sm" onClick={file}>
          <Download aria-hidden /> {t("common.download")}
        </Button>
      </div>
      <DialogActions>
        <Button variant="primary" onClick={onDone}>
          {t("settings.codesDone")}
        </Button>
      </DialogActions>
    </>
  );
}
