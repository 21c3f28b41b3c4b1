import { Link } from "@tanstack/react-router";
import { LogOut, Monitor, Moon, Settings, ShieldCheck, Sun } from "lucide-react";
import type { User } from "@/api/types";
import {
  Menu,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
} from "@/components/ui/Menu";
import { useTranslation } from "@/i18n/useTranslation";
import { initials } from "@/lib/initials";
import { isAdmin } from "@/lib/roles";
import { setThemeChoice, type ThemeChoice, useThemeChoice } from "@/theme/theme";
import { useSignOut } from "./useSignOut";

export function AccountMenu({ user }: { user: User }) {
  const { t } = useTranslation();
  const theme = useThemeChoice();
  const signOut = useSignOut();
  const name = user.fullName || user.username;
  return (
    <Menu
      className="w-60"
      trigger={
        <button
          type="button"
          className="flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft font-[650] text-accent-ink text-xs uppercase hover:brightness-95 dark:hover:brightness-110"
        >
          <span aria-hidden>{initials(name)}</span>
          <span className="sr-only">{t("nav.account")}</span>
        </button>
      }
    >
      <div className="px-2.5 py-2">
        <p className="truncate font-[600]">{name}</p>
        <p className="truncate text-ink-faint text-xs">{user.email}</p>
      </div>
      <MenuSeparator />
      <MenuItem asChild>
        <Link to="/settings">
          <Settings aria-hidden /> {t("nav.settings")}
        </Link>
      </MenuItem>
      {isAdmin(user) && (
        <MenuItem asChild>
          <Link to="/admin">
            <ShieldCheck aria-hidden /> {t("nav.admin")}
          </Link>
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuLabel>{t("nav.theme")}</MenuLabel>
      <MenuRadioGroup value={theme} onValueChange={(value) => setThemeChoice(value as ThemeChoice)}>
        <MenuRadioItem value="system">
          <Monitor aria-hidden /> {t("theme.system")}
        </MenuRadioItem>
        <MenuRadioItem value="light">
          <Sun aria-hidden /> {t("theme.light")}
        </MenuRadioItem>
        <MenuRadioItem value="dark">
          <Moon aria-hidden /> {t("theme.dark")}
        </MenuRadioItem>
      </MenuRadioGroup>
      <MenuSeparator />
      <MenuItem onSelect={() => signOut.mutate()}>
        <LogOut aria-hidden /> {t("nav.signOut")}
      </MenuItem>
    </Menu>
  );
}
