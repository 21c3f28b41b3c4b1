import { useEffect, useRef, useState } from "react";
import type { MessageStatus } from "@/api/types";
import { useTranslation } from "@/i18n/useTranslation";
import type { Phase } from "@/turns/turn";

type Props = { phase?: Phase; status?: MessageStatus };

/** Tells those who can't see the text grow that it has ended, once, and how; not every word. */
export function Announcer({ phase, status }: Props) {
  const { t } = useTranslation();
  const [said, setSaid] = useState({ text: "", turn: 0 });
  const due = useRef(false);
  useEffect(() => {
    // What was refused was never being answered; the refusal tells of itself.
    if (phase) due.current = phase !== "sending";
    if (phase || !due.current || !status || status === "streaming") return;
    due.current = false;
    setSaid(({ turn }) => ({ text: t(`chat.ended.${status}`), turn: turn + 1 }));
  }, [phase, status, t]);
  return (
    <p role="status" aria-label={t("chat.announcements")} className="sr-only">
      <span key={said.turn}>{said.text}</span>
    </p>
  );
}
