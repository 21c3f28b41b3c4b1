import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type ParsedLocation,
  redirect,
} from "@tanstack/react-router";
import { signInOptionsQuery } from "@/api/queries/providers";
import { sessionQuery } from "@/api/queries/session";
import type { User } from "@/api/types";
import { announcementsFirst } from "@/components/layout/Announcements";
import { PagePending } from "@/components/layout/PagePending";
import { auditSearch, usageSearch, usersSearch, workspacesSearch } from "@/lib/adminSearch";
import { safeNext } from "@/lib/redirect";
import { takeResetToken } from "@/lib/resetToken";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { RouteErrorPage } from "@/pages/RouteErrorPage";

type Context = { queries: QueryClient };
type Guard = { context: Context; location: ParsedLocation };
/** A file to open in the editor and a line of it, from 1; a conversation beside it. */
type WorkspaceSearch = { file?: string; line?: number; conversation?: string };
type SignInSearch = { next?: string; error?: string };

async function signedInOnly({ context, location }: Guard) {
  const signedIn = await context.queries.ensureQueryData(sessionQuery);
  if (!signedIn) throw redirect({ to: "/login", search: { next: location.href } });
  if (location.pathname !== "/settings") ownPasswordFirst(signedIn.user);
  await announcementsFirst(context.queries);
}

/** Until a made-up password is replaced, nothing else is answered. */
function ownPasswordFirst(user: User) {
  if (user.mustChangePassword) throw redirect({ to: "/settings", hash: "password" });
}

async function signedOutOnly({ context, location }: Guard) {
  const signedIn = await context.queries.ensureQueryData(sessionQuery);
  if (signedIn) throw redirect({ href: safeNext((location.search as SignInSearch).next) });
  // So that the page does not grow by what it offers; it works without.
  await context.queries.prefetchQuery(signInOptionsQuery);
}

function validateSearch(search: Record<string, unknown>): SignInSearch {
  return {
    ...(typeof search.next === "string" ? { next: search.next } : {}),
    ...(typeof search.error === "string" ? { error: search.error } : {}),
  };
}

function workspaceSearch(search: Record<string, unknown>): WorkspaceSearch {
  const { file, line, conversation } = search;
  return {
    ...(typeof file === "string" ? { file } : {}),
    ...(typeof line === "number" ? { line } : {}),
    ...(typeof conversation === "string" ? { conversation } : {}),
  };
}

const root = createRootRouteWithContext<Context>()({ component: Outlet });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ context: { queries } }) => {
    const signedIn = await queries.ensureQueryData(sessionQuery);
    if (signedIn) {
      ownPasswordFirst(signedIn.user);
      await announcementsFirst(queries);
    } else await queries.prefetchQuery(signInOptionsQuery);
  },
  component: lazyRouteComponent(() => import("@/pages/HomePage/HomePage"), "HomePage"),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch,
  beforeLoad: signedOutOnly,
  component: lazyRouteComponent(() => import("@/pages/LoginPage/LoginPage"), "LoginPage"),
});

const register = createRoute({
  getParentRoute: () => root,
  path: "/register",
  validateSearch,
  beforeLoad: signedOutOnly,
  component: lazyRouteComponent(() => import("@/pages/RegisterPage/RegisterPage"), "RegisterPage"),
});

const forgot = createRoute({
  getParentRoute: () => root,
  path: "/forgot",
  beforeLoad: ({ context }) => context.queries.prefetchQuery(signInOptionsQuery),
  component: lazyRouteComponent(() => import("@/pages/ForgotPage/ForgotPage"), "ForgotPage"),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  beforeLoad: () => {
    // The router, too, is to forget the address that had the token.
    if (takeResetToken()) throw redirect({ to: "/reset", hash: "", replace: true });
  },
  component: lazyRouteComponent(() => import("@/pages/ResetPage/ResetPage"), "ResetPage"),
});

// One page for both addresses, so that the list stays while the thread changes.
const chat = createRoute({
  getParentRoute: () => root,
  path: "/chat",
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(() => import("@/pages/ChatPage/ChatPage"), "ChatPage"),
});
const chatNew = createRoute({ getParentRoute: () => chat, path: "/" });
const chatConversation = createRoute({
  getParentRoute: () => chat,
  path: "$conversationId",
  // A message to go to.
  validateSearch: ({ message }: Record<string, unknown>): { message?: string } =>
    typeof message === "string" ? { message } : {},
});

/** A snapshot that somebody has shared; whoever has its address reads it. */
const share = createRoute({
  getParentRoute: () => root,
  path: "/share/$token",
  beforeLoad: ({ context }) => context.queries.ensureQueryData(sessionQuery),
  component: lazyRouteComponent(() => import("@/pages/SharePage/SharePage"), "SharePage"),
});

const workspaces = createRoute({
  getParentRoute: () => root,
  path: "/ide",
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(
    () => import("@/pages/WorkspacesPage/WorkspacesPage"),
    "WorkspacesPage",
  ),
});

const workspace = createRoute({
  getParentRoute: () => root,
  path: "/ide/workspace/$workspaceId",
  validateSearch: workspaceSearch,
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(
    () => import("@/pages/WorkspacePage/WorkspacePage"),
    "WorkspacePage",
  ),
});

const terminal = createRoute({
  getParentRoute: () => root,
  path: "/ide/workspace/$workspaceId/terminal",
  // Another shell than the first.
  validateSearch: ({ session }: Record<string, unknown>): { session?: string } =>
    typeof session === "string" && /^[\w-]{1,64}$/.test(session) ? { session } : {},
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(() => import("@/pages/TerminalPage/TerminalPage"), "TerminalPage"),
});

const sharedPort = createRoute({
  getParentRoute: () => root,
  path: "/ide/workspace/$workspaceId/port/$port",
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(
    () => import("@/pages/SharedPortPage/SharedPortPage"),
    "SharedPortPage",
  ),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  // A login that could not be linked comes back here with its reason.
  validateSearch: ({ error }: Record<string, unknown>): { error?: string } =>
    typeof error === "string" ? { error } : {},
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(() => import("@/pages/SettingsPage/SettingsPage"), "SettingsPage"),
});

// Administration is a program of its own; nobody else loads any of it.
const admin = createRoute({
  getParentRoute: () => root,
  path: "/admin",
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(() => import("@/pages/AdminPage/AdminPage"), "AdminPage"),
});
const adminOverview = createRoute({
  getParentRoute: () => admin,
  path: "/",
  component: lazyRouteComponent(
    () => import("@/pages/AdminPage/overview/OverviewPage"),
    "OverviewPage",
  ),
});
const adminUsers = createRoute({
  getParentRoute: () => admin,
  path: "users",
  validateSearch: usersSearch,
  component: lazyRouteComponent(() => import("@/pages/AdminPage/users/UsersPage"), "UsersPage"),
});
const adminWorkspaces = createRoute({
  getParentRoute: () => admin,
  path: "workspaces",
  validateSearch: workspacesSearch,
  component: lazyRouteComponent(
    () => import("@/pages/AdminPage/workspaces/AllWorkspacesPage"),
    "AllWorkspacesPage",
  ),
});
const adminPlans = createRoute({
  getParentRoute: () => admin,
  path: "plans",
  component: lazyRouteComponent(() => import("@/pages/AdminPage/plans/PlansPage"), "PlansPage"),
});
const adminUsage = createRoute({
  getParentRoute: () => admin,
  path: "usage",
  validateSearch: usageSearch,
  component: lazyRouteComponent(() => import("@/pages/AdminPage/usage/UsagePage"), "UsagePage"),
});
const adminAnnouncements = createRoute({
  getParentRoute: () => admin,
  path: "announcements",
  component: lazyRouteComponent(
    () => import("@/pages/AdminPage/announcements/AnnouncementsPage"),
    "AnnouncementsPage",
  ),
});
const adminSetup = createRoute({
  getParentRoute: () => admin,
  path: "setup",
  component: lazyRouteComponent(() => import("@/pages/AdminPage/setup/SetupPage"), "SetupPage"),
});
const adminAudit = createRoute({
  getParentRoute: () => admin,
  path: "audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("@/pages/AdminPage/audit/AuditPage"), "AuditPage"),
});

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      home,
      login,
      register,
      forgot,
      reset,
      chat.addChildren([chatNew, chatConversation]),
      share,
      workspaces,
      workspace,
      terminal,
      sharedPort,
      settings,
      admin.addChildren([
        adminOverview,
        adminUsers,
        adminWorkspaces,
        adminPlans,
        adminUsage,
        adminAudit,
        adminAnnouncements,
        adminSetup,
      ]),
    ]),
    context: { queries },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: PagePending,
    defaultPendingMs: 200,
    defaultNotFoundComponent: NotFoundPage,
    defaultErrorComponent: RouteErrorPage,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
