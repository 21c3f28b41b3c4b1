import { lazy, Suspense } from "react";
import type { User } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";
import { FormSkeleton } from "./FormSkeleton";
import { Section } from "./Section";

const PasswordForm = lazy(() =>
  import("./PasswordForm").then((module) => ({ default: module.PasswordForm })),
);

export function Password({ user }: { user: User }) {
  const { t } = useTranslation();
  return (
    <Section id="password" lead={t("settings.passwordLead")}>
      <Suspense fallback={<FormSkeleton fields={2} className="h-[260px]" />}>
        <PasswordForm user={user} />
      </Suspense>
    </Section>
  );
}
