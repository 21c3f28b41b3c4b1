import { CodeXml } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Code } from "@/components/markdown/CodeTools";
import { IconButton } from "@/components/ui/IconButton";
import { useTranslation } from "@/i18n/useTranslation";

const OpenDialog = lazy(() =>
  import("./OpenDialog").then((module) => ({ default: module.OpenDialog })),
);

/** The way from a block of code to a file in a workspace. */
export function OpenInWorkspace(code: Code) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton small label={t("chat.code.open")} onClick={() => setOpen(true)}>
        <CodeXml />
      </IconButton>
      {open && (
        <Suspense fallback={null}>
          <OpenDialog {...code} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
