import type { ReactNode } from "react";
import { useTranslation } from "@/i18n/useTranslation";
import type { SectionId } from "./sections";

type Props = { id: SectionId; lead: string; children: ReactNode };

/** One subject of the settings: what it is, and its controls below. */
export function Section({ id, lead, children }: Props) {
  const { t } = useTranslation();
  return (
    <section
      id={id}
      aria-labelledby={`${id}-title`}
      className="scroll-mt-16 border-b py-8 first:pt-0 last:border-b-0 lg:scroll-mt-6"
    >
      <h2 id={`${id}-title`} className="text-lg">
        {t(`settings.sections.${id}`)}
      </h2>
      <p className="mt-1 text-ink-soft">{lead}</p>
      <div className="mt-5">{children}</div>
    </section>
  );
}
