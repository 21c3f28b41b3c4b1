import type { Provider } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { safeNext } from "@/lib/redirect";

type Props = { providers: Provider[]; next?: string };

/** The other ways in. They are links: the gateway answers with a redirect. */
export function ProviderButtons({ providers, next }: Props) {
  const { t } = useTranslation();
  if (providers.length === 0) return null;
  const query = new URLSearchParams({ next: safeNext(next) });
  return (
    <>
      <div className="my-5 flex items-center gap-3 text-ink-faint text-xs">
        <span className="grow border-t" />
        {t("auth.or")}
        <span className="grow border-t" />
      </div>
      <ul className="flex flex-col gap-2">
        {providers.map(({ id, displayName }) => (
          <li key={id}>
            <Button asChild size="lg" className="w-full">
              <a href={`/api/auth/oidc/${encodeURIComponent(id)}?${query}`}>
                {t("auth.signInWith", { provider: displayName })}
              </a>
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
