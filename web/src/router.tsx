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
import { sessionQuery } from "@/api/queries/session";
import { PagePending } from "@/components/layout/PagePending";
import { safeNext } from "@/lib/redirect";
import { NotFoundPage } from "@/pages/NotFoundPage";
import { RouteErrorPage } from "@/pages/RouteErrorPage";

type Context = { queries: QueryClient };
type Guard = { context: Context; location: ParsedLocation };
type SignInSearch = { next?: string };

async function signedInOnly({ context, location }: Guard) {
  const signedIn = await context.queries.ensureQueryData(sessionQuery);
  if (!signedIn) throw redirect({ to: "/login", search: { next: location.href } });
}

async function signedOutOnly({ context, location }: Guard) {
  const signedIn = await context.queries.ensureQueryData(sessionQuery);
  if (signedIn) throw redirect({ href: safeNext((location.search as SignInSearch).next) });
}

function validateSearch(search: Record<string, unknown>): SignInSearch {
  return typeof search.next === "string" ? { next: search.next } : {};
}

const root = createRootRouteWithContext<Context>()({ component: Outlet });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: ({ context }) => context.queries.ensureQueryData(sessionQuery).then(() => undefined),
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

// One page for both addresses, so that the list stays while the thread changes.
const chat = createRoute({
  getParentRoute: () => root,
  path: "/chat",
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(() => import("@/pages/ChatPage/ChatPage"), "ChatPage"),
});
const chatNew = createRoute({ getParentRoute: () => chat, path: "/" });
const chatConversation = createRoute({ getParentRoute: () => chat, path: "$conversationId" });

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
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(
    () => import("@/pages/WorkspacePage/WorkspacePage"),
    "WorkspacePage",
  ),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  beforeLoad: signedInOnly,
  component: lazyRouteComponent(() => import("@/pages/SettingsPage/SettingsPage"), "SettingsPage"),
});

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([
      home,
      login,
      register,
      chat.addChildren([chatNew, chatConversation]),
      workspaces,
      workspace,
      settings,
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
