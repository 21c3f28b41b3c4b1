import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { sessionQuery } from "@/api/queries/session";
import "@/i18n/admin";
import { AppShell } from "@/components/layout/AppShell";
import { isAdmin } from "@/lib/roles";
import { AdminNav } from "./AdminNav";
import { Forbidden } from "./Forbidden";

/** The frame of administration. To anybody but administrators it says that it is not theirs. */
export function AdminPage() {
  const { data: signedIn } = useQuery(sessionQuery);
  if (signedIn && !isAdmin(signedIn.user)) {
    return (
      <AppShell>
        <Forbidden />
      </AppShell>
    );
  }
  return (
    <AppShell>
      <AdminNav />
      <div className="mx-auto w-full max-w-6xl px-4 pt-7 pb-16 sm:px-8">
        {signedIn && <Outlet />}
      </div>
    </AppShell>
  );
}
