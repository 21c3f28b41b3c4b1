import { useQuery } from "@tanstack/react-query";
import { type LinkProps, useNavigate } from "@tanstack/react-router";
import {
  Code,
  House,
  Languages,
  LogOut,
  type LucideIcon,
  Monitor,
  Moon,
  Settings,
  ShieldCheck,
  SquarePen,
  Sun,
} from "lucide-react";
import { sessionQuery } from "@/api/queries/session";
import { useSignOut } from "@/components/layout/useSignOut";
import { languages, setLanguageChoice } from "@/i18n/language";
import { useTranslation } from "@/i18n/useTranslation";
import { isAdmin } from "@/lib/roles";
import { setThemeChoice } from "@/theme/theme";

export type Command = { id: string; icon: LucideIcon; label: string; go: () => void };

/** Pages to go to and things to do, as far as the user may. */
export function useCommands(): Command[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: signedIn } = useQuery(sessionQuery);
  const signOut = useSignOut();
  const to = (icon: LucideIcon, label: string, link: { to: LinkProps["to"]; hash?: string }) => ({
    id: `${link.to}#${link.hash ?? ""}`,
    icon,
    label,
    go: () => void navigate(link),
  });
  const does = (id: string, icon: LucideIcon, label: string, go: () => void) => ({
    id,
    icon,
    label,
    go,
  });
  const setting = (hash: string, label: string) =>
    to(Settings, t("search.setting", { name: label }), { to: "/settings", hash });
  const administration = (path: LinkProps["to"], label: string) =>
    to(ShieldCheck, t("search.administration", { name: label }), { to: path });

  return [
    to(SquarePen, t("chat.new"), { to: "/chat" }),
    to(Code, t("search.workspaces"), { to: "/ide" }),
    to(Settings, t("search.settings"), { to: "/settings" }),
    to(House, t("search.home"), { to: "/" }),
    setting("tokens", t("search.tokens")),
    setting("usage", t("search.usage")),
    setting("editor", t("search.editor")),
    ...(signedIn && isAdmin(signedIn.user)
      ? [
          administration("/admin", t("search.admin.overview")),
          administration("/admin/users", t("search.admin.users")),
          administration("/admin/workspaces", t("search.admin.workspaces")),
          administration("/admin/plans", t("search.admin.plans")),
          administration("/admin/usage", t("search.admin.usage")),
          administration("/admin/audit", t("search.admin.audit")),
          administration("/admin/announcements", t("search.admin.announcements")),
          administration("/admin/setup", t("search.admin.setup")),
        ]
      : []),
    does("light", Sun, t("search.theme", { name: t("theme.light") }), () =>
      setThemeChoice("light"),
    ),
    does("dark", Moon, t("search.theme", { name: t("theme.dark") }), () => setThemeChoice("dark")),
    does("system", Monitor, t("search.theme", { name: t("theme.system") }), () =>
      setThemeChoice("system"),
    ),
    ...(["en", "de"] as const).map((language) =>
      does(
        `language-${language}`,
        Languages,
        t("search.language", { name: languages[language] }),
        () => setLanguageChoice(language),
      ),
    ),
    does("sign-out", LogOut, t("nav.signOut"), () => signOut.mutate()),
  ];
}

/** How many commands are offered before anything is typed: those that lead to the main pages. */
export const firstCommands = 4;
