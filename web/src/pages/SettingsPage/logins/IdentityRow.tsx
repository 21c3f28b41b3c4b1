import { Link2 } from "lucide-react";
import type { Identity } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { timeAgo } from "@/lib/time";

type Props = {
  identity: Identity;
  /** What the provider is called. */
  provider: string;
  /** Without it nobody could sign in to the account. */
  last: boolean;
  pending: boolean;
  onUnlink: () => void;
};

export function IdentityRow({ identity, provider, last, pending, onUnlink }: Props) {
  const { t } = useTranslation();
  const used = identity.lastLogin
    ? t("settings.loginUsed", { time: timeAgo(identity.lastLogin) })
    : t("settings.loginUnused");
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <Link2 aria-hidden className="size-5 shrink-0 text-ink-faint" />
      <div className="min-w-0 grow">
        <p className="font-[560]">{provider}</p>
        <p className="break-words text-ink-faint text-xs">
          {identity.name && `${identity.name} · `}
          {last ? t("settings.loginLast") : used}
        </p>
      </div>
      {!last && (
        <Button
          size="sm"
          pending={pending}
          aria-label={t("settings.unlinkLabel", { provider })}
          onClick={onUnlink}
        >
          {t("settings.unlink")}
        </Button>
      )}
    </li>
  );
}
