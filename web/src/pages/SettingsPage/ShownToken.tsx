import { Button } from "@/components/ui/Button";
import { DialogActions } from "@/components/ui/Dialog";
import { useTranslation } from "@/i18n/useTranslation";
import { useCopy } from "@/lib/useCopy";

type Props = { token: string; onDone: () => void };

export function ShownToken({ token, onDone }: Props) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  return (
    <>
      <code className="block select-all break-all rounded-md border bg-sunken px-3 py-2 font-mono text-sm">
        {token}
      </code>
      <DialogActions>
        <Button onClick={() => copy(token)}>
          {copied ? t("settings.tokenCopied") : t("settings.tokenCopy")}
        </Button>
        <Button variant="primary" onClick={onDone}>
          {t("settings.tokenDone")}
        </Button>
      </DialogActions>
    </>
  );
}
