import { Link } from "@tanstack/react-router";
import { Info, ScrollText } from "lucide-react";
import type { ReactNode } from "react";
import type { User } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { Button } from "@/components/ui/Button";
import { Notice } from "@/components/ui/Notice";
import { useTranslation } from "@/i18n/useTranslation";
import { initials } from "@/lib/initials";
import { isOwner } from "@/lib/roles";
import { formatDateTime } from "@/lib/time";
import { RoleBadge } from "./RoleBadge";
import { UserActions } from "./UserActions";
import { UserForm } from "./UserForm";

type Props = { user: User; actor: User; plans: string[]; onClose: () => void };

export function UserDetails({ user, actor, plans, onClose }: Props) {
  const { t } = useTranslation();
  const own = user.id === actor.id;
  // What the server refuses is not offered; the server decides all the same.
  const beyond = isOwner(user) && !isOwner(actor);
  const yesNo = (value: boolean) => t(value ? "common.on" : "common.off");
  return (
    <>
      <div className="flex items-center gap-3">
        <span
          aria-hidden
          className="flex size-11 shrink-0 items-center justify-center rounded-full bg-accent-soft font-[650] text-accent-ink uppercase"
        >
          {initials(user.fullName || user.username)}
        </span>
        <div className="min-w-0 grow">
          <p className="truncate font-[620]">{user.fullName || user.username}</p>
          <p className="truncate text-ink-soft">{user.email}</p>
        </div>
        <div className="flex flex-col items-end gap-1.5">
          <RoleBadge user={user} />
          {!user.isActive && <Badge kind="bad">{t("admin.users.suspended")}</Badge>}
        </div>
      </div>
      <dl className="mt-5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1.5 rounded-md bg-sunken px-3 py-2.5">
        <Fact name={t("admin.users.created")}>{formatDateTime(user.createdAt)}</Fact>
        <Fact name={t("admin.users.lastLogin")}>
          {user.lastLogin ? formatDateTime(user.lastLogin) : t("admin.users.never")}
        </Fact>
        <Fact name={t("admin.users.twoFactor")}>{yesNo(user.totpEnabled)}</Fact>
        <Fact name={t("auth.password")}>
          {t(user.hasPassword ? "admin.users.hasPassword" : "admin.users.noPassword")}
        </Fact>
        <Fact name={t("admin.users.id")}>
          <span className="select-all break-all font-mono text-xs">{user.id}</span>
        </Fact>
      </dl>
      <Button asChild size="sm" className="mt-3">
        <Link to="/admin/audit" search={{ userId: user.id }}>
          <ScrollText aria-hidden /> {t("admin.users.auditLink")}
        </Link>
      </Button>
      {(own || beyond) && (
        <Notice icon={Info} className="mt-5">
          {t(own ? "admin.users.ownAccount" : "admin.users.ownersOnly")}
        </Notice>
      )}
      <UserForm user={user} actor={actor} plans={plans} locked={beyond} />
      <UserActions user={user} own={own} locked={beyond} onDeleted={onClose} />
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-soft">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
