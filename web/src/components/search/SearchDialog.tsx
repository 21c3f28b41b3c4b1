import { Search } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "@/i18n/useTranslation";
import "@/i18n/search";
import { ErrorNotice } from "@/components/ui/ErrorNotice";
import { cn } from "@/lib/cn";
import { timeAgo } from "@/lib/time";
import { useDebounced } from "@/lib/useDebounced";
import { type Finding, useFindings } from "./useFindings";

/** Finds conversations, messages, workspaces and pages; all of it by keyboard. */
export function SearchDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const list = useId();
  const wanted = text.trim();
  const { groups, searching, error, retry } = useFindings(wanted, useDebounced(wanted, 180));
  const all = groups.flatMap((group) => group.findings);
  const current = Math.min(active, all.length - 1);
  const go = (finding: Finding | undefined) => {
    if (!finding) return;
    onClose();
    finding.go();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setActive((current + step + all.length) % Math.max(all.length, 1));
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      go(all[current]);
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-3 top-[8dvh] z-40 mx-auto flex max-h-[78dvh] max-w-xl animate-rise flex-col overflow-hidden rounded-lg border bg-raised shadow-float focus:outline-none"
        >
          <Dialog.Title className="sr-only">{t("search.title")}</Dialog.Title>
          <div className="flex items-center gap-3 border-b px-4">
            <Search aria-hidden className="size-[18px] shrink-0 text-ink-faint" />
            <input
              role="combobox"
              aria-label={t("search.label")}
              aria-expanded={all.length > 0}
              aria-controls={list}
              aria-activedescendant={all[current] ? `${list}-${current}` : undefined}
              autoComplete="off"
              placeholder={t("search.placeholder")}
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setActive(0);
              }}
              onKeyDown={onKeyDown}
              className="h-12 min-w-0 grow bg-transparent text-[16px] outline-none placeholder:text-ink-faint"
            />
          </div>
          <div className="min-h-0 grow overflow-y-auto p-2">
            {error && <ErrorNotice error={error} onRetry={retry} className="m-1" />}
            <p role="status" className="px-2.5 text-ink-faint text-sm empty:hidden">
              {searching && all.length === 0 && t("search.searching")}
              {!searching && !error && all.length === 0 && t("search.nothing", { text: wanted })}
            </p>
            <div id={list} role="listbox" aria-label={t("search.results")}>
              {groups.map((group) => (
                <div key={group.label} role="group" aria-label={group.label}>
                  <p aria-hidden className="px-2.5 pt-2.5 pb-1 text-ink-faint text-xs">
                    {group.label}
                  </p>
                  {group.findings.map((finding) => {
                    const index = all.indexOf(finding);
                    return (
                      <Row
                        key={finding.id}
                        id={`${list}-${index}`}
                        finding={finding}
                        active={index === current}
                        onPoint={() => setActive(index)}
                        onGo={() => go(finding)}
                      />
                    );
                  })}
                </div>
              ))}
            </div>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type RowProps = {
  id: string;
  finding: Finding;
  active: boolean;
  onPoint: () => void;
  onGo: () => void;
};

function Row({ id, finding, active, onPoint, onGo }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const { icon: Icon, label, detail, time } = finding;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard and says which is active.
    // biome-ignore lint/a11y/useFocusableInteractive: likewise.
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={active}
      onPointerMove={active ? undefined : onPoint}
      onClick={onGo}
      className={cn(
        "flex cursor-pointer items-start gap-3 rounded-md px-2.5 py-2",
        active && "bg-hover",
      )}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-faint" />
      <span className="min-w-0 grow">
        <span className="block truncate">{label}</span>
        {detail && (
          <span className="wrap-anywhere line-clamp-2 text-ink-soft text-xs">{detail}</span>
        )}
      </span>
      {time && <span className="shrink-0 pt-0.5 text-ink-faint text-xs">{timeAgo(time)}</span>}
    </div>
  );
}
