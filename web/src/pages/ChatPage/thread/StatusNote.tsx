import { CircleAlert, CircleStop, Unplug } from "lucide-react";
import type { Message } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { useTranslation } from "@/i18n/useTranslation";
import { cn } from "@/lib/cn";
import { toldText } from "@/lib/errorText";
import { useChat } from "../ChatContext";

const icons = { stopped: CircleStop, interrupted: Unplug, error: CircleAlert };

/** Why an answer ended early, and the way to another try. */
export function StatusNote({ message }: { message: Message }) {
  const { t } = useTranslation();
  const { regenerate, busy } = useChat();
  const { status } = message;
  if (status === "streaming" || status === "complete") return null;
  const Icon = icons[status];
  const cause = toldText(textIn(message, "errorReason"), textIn(message, "errorMessage"));
  const requestId = textIn(message, "requestId");
  return (
    <div
      className={cn(
        "mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md border px-3 py-2",
        status === "error" ? "border-bad-line bg-bad-soft" : "bg-sunken",
      )}
    >
      <Icon
        aria-hidden
        className={cn("size-[18px] shrink-0", status === "error" ? "text-bad" : "text-ink-faint")}
      />
      <div className="min-w-0 grow basis-48">
        {status === "interrupted" && cause ? (
          <p className="break-words">{cause}</p>
        ) : (
          <>
            <p>{t(`chat.status.${status}`)}</p>
            {cause && <p className="break-words text-ink-soft">{cause}</p>}
          </>
        )}
        {requestId && (
          <p className="break-all font-mono text-ink-soft text-xs">
            {t("common.requestId", { id: requestId })}
          </p>
        )}
      </div>
      <Button size="sm" disabled={busy} onClick={() => regenerate(message)}>
        {t("common.retry")}
      </Button>
    </div>
  );
}

function textIn(message: Message, key: string): string {
  const value = message.metadata?.[key];
  return typeof value === "string" ? value : "";
}
