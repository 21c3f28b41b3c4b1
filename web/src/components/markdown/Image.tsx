import { ImageOff } from "lucide-react";
import type { ComponentProps } from "react";
import { useTranslation } from "@/i18n/useTranslation";

/**
 * An image of an answer. One from elsewhere is not fetched by itself: its
 * address could carry a secret out of the conversation.
 */
export function Image({ src, alt }: ComponentProps<"img">) {
  const { t } = useTranslation();
  if (typeof src !== "string") return null;
  if (src.startsWith("data:image/"))
    return <img src={src} alt={alt ?? ""} className="rounded-md" />;
  return (
    <span className="my-1 inline-flex max-w-full items-center gap-2.5 rounded-md border bg-sunken px-3 py-2 text-sm leading-5">
      <ImageOff aria-hidden className="size-4 shrink-0 text-ink-faint" />
      <span className="min-w-0">
        {alt && <span className="block truncate font-[560]">{alt}</span>}
        <span className="block truncate text-ink-soft text-xs">
          {t("markdown.image", { host: hostOf(src) })}
        </span>
      </span>
      <a href={src} target="_blank" rel="noopener noreferrer nofollow" className="shrink-0">
        {t("markdown.imageOpen")}
      </a>
    </span>
  );
}

function hostOf(src: string): string {
  try {
    return new URL(src, window.location.origin).host;
  } catch {
    return src;
  }
}
