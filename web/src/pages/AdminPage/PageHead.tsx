import type { ReactNode } from "react";
import { PageTitle } from "@/components/PageTitle";
import { useTranslation } from "@/i18n/useTranslation";

type Props = { title: string; lead: string; children?: ReactNode };

/** What a page of administration is about, and what can be done with all of it. */
export function PageHead({ title, lead, children }: Props) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-wrap items-end gap-4">
      <PageTitle title={`${title} · ${t("admin.title")}`} />
      <div className="min-w-0 grow">
        <h1 className="text-xl">{title}</h1>
        <p className="mt-1 text-ink-soft">{lead}</p>
      </div>
      {children}
    </div>
  );
}
