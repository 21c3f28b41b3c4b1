import type { Shared } from "@/api/types";
import { AppShell } from "@/components/layout/AppShell";
import { LazyMarkdown } from "@/components/markdown/LazyMarkdown";
import { PageTitle } from "@/components/PageTitle";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { Loading, Skeleton } from "@/components/ui/Skeleton";
import { useTranslation } from "@/i18n/useTranslation";
import { formatDate } from "@/lib/time";

type Props = { shared?: Shared; error: Error | null; onReload: () => void };

export function SharePageView({ shared, error, onReload }: Props) {
  const { t } = useTranslation();
  return (
    <AppShell>
      <div className="mx-auto w-full max-w-[768px] px-4 pt-8 pb-16 sm:px-6">
        {error && <ErrorNotice error={error} onRetry={onReload} />}
        {!shared && !error && (
          <Loading className="flex flex-col gap-4">
            <Skeleton className="h-8 w-1/2" />
            <Skeleton className="h-4 w-full" />
            <Skeleton className="h-4 w-4/5" />
          </Loading>
        )}
        {shared && (
          <>
            <PageTitle title={shared.title || t("chat.untitled")} />
            <h1 className="text-2xl">{shared.title || t("chat.untitled")}</h1>
            <p className="mt-2 mb-8 text-ink-faint">
              {t("chat.share.page", { date: formatDate(shared.createdAt) })}
            </p>
            {shared.messages.map((message, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a snapshot's messages never change places.
              <SharedMessage key={index} message={message} />
            ))}
          </>
        )}
      </div>
    </AppShell>
  );
}

function SharedMessage({ message }: { message: Shared["messages"][number] }) {
  const { t } = useTranslation();
  const { role, content, attachmentKinds } = message;
  if (role === "user") {
    return (
      <article aria-label={t("chat.asked")} className="mb-6 flex flex-col items-end">
        <p
          dir="auto"
          className="wrap-anywhere max-w-[88%] whitespace-pre-wrap rounded-xl rounded-ee-sm bg-hover px-4 py-2.5 text-base"
        >
          {content}
        </p>
        {attachmentKinds.length > 0 && (
          <p className="mt-1 text-ink-faint text-sm">
            {t("chat.share.files", { count: attachmentKinds.length })}
          </p>
        )}
      </article>
    );
  }
  return (
    <article aria-label={t("chat.assistant")} className="mb-8">
      <LazyMarkdown text={content} />
    </article>
  );
}
