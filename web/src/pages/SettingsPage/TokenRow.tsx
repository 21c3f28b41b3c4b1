import { KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ApiToken } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { timeAgo } from "@/lib/time";

type Props = { token: ApiToken; pending: boolean; onRevoke: () => void };

export function TokenRow({ token, pending, onRevoke }: Props) {
  const { t } = useTranslation();
  const used = token.lastUsed
    ? t("settings.tokenUsed", { time: timeAgo(token.lastUsed) })
    : t("settings.tokenUnused");
  const scopes = token.scopes.map((scope) => t(`settings.scopes.${scope}`)).join(", ");
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <KeyRound aria-hidden className="size-5 shrink-0 text-ink-faint" />
      <div className="min-w-0 grow">
        <p className="truncate font-[560]">{token.name}</p>
        <p className="text-ink-faint text-xs">
          {scopes} · {used} · {useExpiry(token.expiresAt)}
        </p>
      </div>
      <Button
        size="sm"
        pending={pending}
        aria-label={t("settings.tokenRevokeLabel", { name: token.name })}
        onClick={onRevoke}
      >
        {t("settings.tokenRevoke")}
      </Button>
    </li>
  );
}

function useExpiry(expiresAt: string | null | undefined): string {
  const { t } = useTranslation();
  if (!expiresAt) return t("settings.tokenEndless");
  const over = Date.parse(expiresAt) <= Date.now();
  return t(over ? "settings.tokenExpired" : "settings.tokenExpires", { time: timeAgo(expiresAt) });
}
