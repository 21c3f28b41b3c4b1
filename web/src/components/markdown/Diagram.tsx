import { type ReactNode, useEffect, useId, useState } from "react";
import { useTranslation } from "@/i18n/useTranslation";
import { useTheme } from "@/theme/theme";

type Props = {
  source: string;
  /** Shown until the diagram is drawn, and instead of one that can't be. */
  children: ReactNode;
};

/** A Mermaid diagram in the page's own theme. */
export function Diagram({ source, children }: Props) {
  const { t } = useTranslation();
  const theme = useTheme();
  const id = useId();
  const [svg, setSvg] = useState("");
  useEffect(() => {
    let current = true;
    import("./mermaid")
      .then(({ draw }) => draw(`diagram-${id}`, source, theme))
      .then((drawn) => current && setSvg(drawn))
      .catch(() => current && setSvg(""));
    return () => {
      current = false;
    };
  }, [id, source, theme]);

  if (!svg) return children;
  return (
    <figure className="overflow-x-auto rounded-lg border bg-code p-4">
      <div
        role="img"
        aria-label={t("markdown.diagram")}
        className="flex min-w-fit justify-center [&_svg]:h-auto [&_svg]:max-h-[70dvh]"
        // biome-ignore lint/security/noDangerouslySetInnerHtml: Mermaid's strict mode has sanitised it.
        dangerouslySetInnerHTML={{ __html: svg }}
      />
    </figure>
  );
}
