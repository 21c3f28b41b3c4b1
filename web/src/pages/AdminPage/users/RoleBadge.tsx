import type { User } from "@/api/types";
import { Badge } from "@/components/ui/Badge";
import { useTranslation } from "@/i18n/useTranslation";
import { rankOf } from "@/lib/roles";

const kinds = { user: "neutral", admin: "accent", owner: "warning" } as const;

export function RoleBadge({ user }: { user: User }) {
  const { t } = useTranslation();
  const rank = rankOf(user);
  return <Badge kind={kinds[rank]}>{t(`admin.roles.${rank}`)}</Badge>;
}
