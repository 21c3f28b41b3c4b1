import { useQuery } from "@tanstack/react-query";
import { recentConversationsQuery } from "@/api/queries/conversations";
import { usageQuery } from "@/api/queries/usage";
import { workspacesQuery } from "@/api/queries/workspaces";
import type { User } from "@/api/types";
import { AppShell } from "@/components/layout/AppShell";
import { PageTitle } from "@/components/PageTitle";
import { useTranslation } from "@/i18n/useTranslation";
import { AskBox } from "./AskBox";
import { RecentConversations } from "./RecentConversations";
import { SetupReminder } from "./SetupReminder";
import { UsagePanel } from "./UsagePanel";
import { WorkspaceSummary } from "./WorkspaceSummary";

export function Dashboard({ user }: { user: User }) {
  const { t } = useTranslation();
  const conversations = useQuery(recentConversationsQuery);
  const workspaces = useQuery(workspacesQuery);
  const usage = useQuery(usageQuery);
  return (
    <AppShell>
      <PageTitle />
      <div className="mx-auto w-full max-w-5xl px-4 py-10 sm:px-8 sm:py-14">
        <h1 className="text-2xl">
          {t("home.greeting", { name: user.fullName.split(" ")[0] || user.username })}
        </h1>
        <SetupReminder user={user} />
        <AskBox />
        <div className="mt-12 grid gap-x-12 gap-y-10 md:grid-cols-2">
          <RecentConversations conversations={conversations.data} error={conversations.error} />
          <WorkspaceSummary workspaces={workspaces.data} error={workspaces.error} />
        </div>
        <UsagePanel usage={usage.data} error={usage.error} />
      </div>
    </AppShell>
  );
}
