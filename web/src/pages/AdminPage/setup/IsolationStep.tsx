import { useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { checkIsolation, type IsolationCheck } from "@/api/queries/admin/checks";
import { Button } from "@/components/ui/Button";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { Step, type StepProps } from "./Step";

/** Workspaces that are really held apart: something is started in each class. */
export function IsolationStep({ number, done, onDone }: StepProps) {
  const { t } = useTranslation();
  const check = useMutation({
    mutationFn: checkIsolation,
    onSuccess: (classes) => classes.every(({ works }) => works) && onDone(true),
  });
  return (
    <Step step="isolation" number={number} done={done}>
      <Button pending={check.isPending} onClick={() => check.mutate()}>
        {t("admin.setup.isolation.check")}
      </Button>
      {check.error && <ErrorNotice error={check.error} />}
      {check.data?.map((one) => (
        <Class key={one.isolation} found={one} />
      ))}
    </Step>
  );
}

type IsolationClass = "directory" | "docker" | "gvisor" | "kubernetes";

function Class({ found }: { found: IsolationCheck }) {
  const { t } = useTranslation();
  const name = t(`ide.isolations.${found.isolation as IsolationClass}`);
  if (!found.works) {
    return (
      <Notice kind="warning" icon={CircleAlert} announce className="w-full">
        <p className="font-[620]">{t("admin.setup.isolation.broken", { name })}</p>
        <p className="wrap-anywhere mt-0.5 font-mono text-xs">{found.problem}</p>
      </Notice>
    );
  }
  return (
    <>
      <Notice kind="ok" icon={CircleCheck} announce className="w-full">
        <p className="font-[620]">{t("admin.setup.isolation.works", { name })}</p>
        <p className="wrap-anywhere mt-0.5">{found.summary}</p>
      </Notice>
      {(found.isolation === "directory" || found.weaker.length > 0) && (
        <Notice kind="warning" icon={TriangleAlert} className="w-full">
          {found.isolation === "directory" && <p>{t("admin.setup.isolation.trusted")}</p>}
          <ul className="list-disc ps-5 empty:hidden">
            {found.weaker.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}
