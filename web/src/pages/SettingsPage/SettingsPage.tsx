import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "@/api/queries/session";
import { AppShell } from "@/components/layout/AppShell";
import { PageTitle } from "@/components/PageTitle";
import { Appearance } from "./Appearance";
import { Devices } from "./Devices";
import { Password } from "./Password";
import { Profile } from "./Profile";
import { Tokens } from "./Tokens";

export function SettingsPage() {
  const { t } = useTranslation();
  const { data: signedIn } = useQuery(sessionQuery);
  return (
    <AppShell>
      <PageTitle title={t("settings.title")} />
      <div className="mx-auto w-full max-w-4xl px-4 py-8 sm:px-8">
        <h1 className="text-xl">{t("settings.title")}</h1>
        {signedIn && <Profile key={signedIn.user.id} user={signedIn.user} />}
        <Appearance />
        {signedIn && <Password user={signedIn.user} />}
        <Devices />
        {signedIn && <Tokens user={signedIn.user} />}
      </div>
    </AppShell>
  );
}
