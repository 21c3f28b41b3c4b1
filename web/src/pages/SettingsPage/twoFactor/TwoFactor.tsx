import { ShieldCheck, ShieldOff, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { User } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { Section } from "../Section";

// With what they bring along, the QR code's maker for one.
const EnrolDialog = lazy(() =>
  import("./EnrolDialog").then((module) => ({ default: module.EnrolDialog })),
);
const RenewDialog = lazy(() =>
  import("./RenewDialog").then((module) => ({ default: module.RenewDialog })),
);
const DisableDialog = lazy(() =>
  import("./DisableDialog").then((module) => ({ default: module.DisableDialog })),
);

type Open = "enrol" | "renew" | "disable";

/** Below this many the page asks for new recovery codes. */
const fewCodes = 3;

export function TwoFactor({ user }: { user: User }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  const Icon = user.totpEnabled ? ShieldCheck : ShieldOff;
  const left = user.recoveryCodesLeft;
  return (
    <Section id="two-factor" lead={t("settings.twoFactorLead")}>
      <div className="rounded-lg border">
        <div className="flex items-center gap-3 px-4 py-3">
          <Icon aria-hidden className="size-5 shrink-0 text-ink-faint" />
          <div className="min-w-0 grow">
            <p className="font-[560]">{t("settings.authenticator")}</p>
            <p className="text-ink-faint text-xs">
              {user.totpEnabled
                ? t("settings.codesLeft", { count: left })
                : t("settings.twoFactorHint")}
            </p>
          </div>
          <Badge kind={user.totpEnabled ? "ok" : "neutral"}>
            {t(user.totpEnabled ? "common.on" : "common.off")}
          </Badge>
        </div>
      </div>
      {user.totpEnabled && left < fewCodes && (
        <Notice icon={TriangleAlert} kind="warning" className="mt-3">
          {t("settings.codesFew")}
        </Notice>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        {user.totpEnabled ? (
          <>
            <Button onClick={() => setOpen("renew")}>{t("settings.codesRenew")}</Button>
            <Button onClick={() => setOpen("disable")}>{t("settings.twoFactorOff")}</Button>
          </>
        ) : (
          <Button variant="primary" onClick={() => setOpen("enrol")}>
            {t("settings.twoFactorSetUp")}
          </Button>
        )}
      </div>
      <Suspense fallback={null}>
        {open === "enrol" && <EnrolDialog username={user.username} onClose={close} />}
        {open === "renew" && <RenewDialog username={user.username} onClose={close} />}
        {open === "disable" && <DisableDialog user={user} onClose={close} />}
      </Suspense>
    </Section>
  );
}
