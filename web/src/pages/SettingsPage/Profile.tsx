import { lazy, Suspense } from "react";
import type { User } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";
import { FormSkeleton } from "./FormSkeleton";
import { Section } from "./Section";

// What forms are made with weighs as much as the rest of the page.
const ProfileForm = lazy(() =>
  import("./ProfileForm").then((module) => ({ default: module.ProfileForm })),
);

export function Profile({ user }: { user: User }) {
  const { t } = useTranslation();
  return (
    <Section id="profile" lead={t("settings.profileLead")}>
      <Suspense fallback={<FormSkeleton fields={3} className="h-[330px]" />}>
        <ProfileForm user={user} />
      </Suspense>
    </Section>
  );
}
