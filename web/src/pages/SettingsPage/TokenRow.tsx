import { KeyRound } from "lucide-react";
import type { ApiToken, Scope } from "@/api/types";
import { Button } from "@/components/ui/Button";
import type { Translate } from "@/i18n/useTranslation";
import { useTranslation } from "@/i18n/useTranslation";
import { timeAgo } from "@/lib/time";

type Props = { token: ApiToken; pending: boolean; onRevoke: () => void };

export function TokenRow({ token, pending, onRevoke }: Props) {
  const { t } = useTranslation();
  const used = token.lastUsed
    ? t("settings.tokenUsed", { time: timeAgo(token.lastUsed) })
    : t("settings.tokenUnused");
  const scopes = token.scopes.map((scope) => inWords(scope, t)).join(", ");
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

/** What a scope opens; that of a workspace's own token is limited to the workspace. */
function inWords(scope: string, t: Translate): string {
  const [name, workspace] = scope.split(":") as [Scope, string?];
  const words = t(`settings.scopes.${name}`);
  return workspace ? t("settings.scopeOfWorkspace", { scope: words }) : words;
}

function useExpiry(expiresAt: string | null | undefined): string {
  const { t } = useTranslation();
  if (!expiresAt) return t("settings.tokenEndless");
  const over = Date.parse(expiresAt) <= Date.now();
  return t(over ? "settings.tokenExpired" : "settings.tokenExpires", { time: timeAgo(expiresAt) });
}
