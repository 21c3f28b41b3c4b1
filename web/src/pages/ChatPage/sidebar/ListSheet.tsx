import { PanelLeft } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";

const ListPanel = lazy(() => import("./ListPanel").then((m) => ({ default: m.ListPanel })));

/** The way to the list on a narrow screen. */
export function ListSheet() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        label={t("chat.openList")}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        <PanelLeft />
      </IconButton>
      {open && (
        <Suspense fallback={null}>
          <ListPanel onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
