import { Link } from "@tanstack/react-router";
import type { User } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { Cell, Row } from "@/components/ui/Table";
import { useTranslation } from "@/i18n/useTranslation";
import { timeAgo } from "@/lib/time";
import { RoleBadge } from "./RoleBadge";

export function UserRow({ user }: { user: User }) {
  const { t } = useTranslation();
  return (
    <Row className="relative hover:bg-hover/60">
      <Cell>
        <div className="min-w-0">
          {/* The whole row is the link's. */}
          <Link
            to="/admin/users"
            search={(now) => ({ ...now, user: user.id })}
            resetScroll={false}
            className="font-[560] after:absolute after:inset-0 hover:underline"
          >
            {user.username}
          </Link>
          {user.fullName && <span className="ms-2 text-ink-soft">{user.fullName}</span>}
          <p className="truncate text-ink-faint text-xs">{user.email}</p>
        </div>
      </Cell>
      <Cell name={t("admin.users.role")}>
        <RoleBadge user={user} />
      </Cell>
      <Cell name={t("admin.users.plan")}>{user.plan}</Cell>
      <Cell name={t("admin.users.state")}>
        <Badge kind={user.isActive ? "ok" : "bad"}>
          {t(user.isActive ? "admin.users.active" : "admin.users.suspended")}
        </Badge>
      </Cell>
      <Cell name={t("admin.users.lastLogin")} className="text-ink-soft">
        {user.lastLogin ? timeAgo(user.lastLogin) : t("admin.users.never")}
      </Cell>
    </Row>
  );
}
