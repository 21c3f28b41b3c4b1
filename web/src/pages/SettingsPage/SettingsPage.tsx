import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { sessionQuery } from "@/api/queries/session";
import { useTranslation } from "@/i18n/useTranslation";
import "@/i18n/settings";
import { AppShell } from "@/components/layout/AppShell";
import { PageTitle } from "@/components/PageTitle";
import { Appearance } from "./Appearance";
import { Devices } from "./Devices";
import { Editor } from "./editor/Editor";
import { Logins } from "./logins/Logins";
import { Password } from "./Password";
import { Profile } from "./Profile";
import { SectionNav } from "./SectionNav";
import { Tokens } from "./Tokens";
import { TwoFactor } from "./twoFactor/TwoFactor";
import { Usage } from "./usage/Usage";
import { YourData } from "./YourData";

export function SettingsPage() {
  const { t } = useTranslation();
  const { error } = useSearch({ from: "/settings" });
  const { data: signedIn } = useQuery(sessionQuery);
  const user = signedIn?.user;
  return (
    <AppShell>
      <PageTitle title={t("settings.title")} />
      <div className="mx-auto w-full max-w-5xl px-4 pt-8 pb-16 sm:px-8">
        <h1 className="text-xl">{t("settings.title")}</h1>
        <div className="mt-4 grid grid-cols-[minmax(0,1fr)] gap-8 lg:mt-7 lg:grid-cols-[200px_minmax(0,1fr)] lg:gap-12">
          <SectionNav />
          {user && (
            <div className="min-w-0">
              <Profile key={user.id} user={user} />
              <Password user={user} />
              <TwoFactor user={user} />
              <Logins user={user} refusal={error} />
              <Devices />
              <Tokens user={user} />
              <Usage />
              <Appearance />
              <Editor />
              <YourData user={user} />
            </div>
          )}
        </div>
      </div>
    </AppShell>
  );
}
