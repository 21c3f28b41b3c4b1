import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Phase } from "@/turns/turn";

/** Tells those who can't see the text grow that it has begun and ended, not every word. */
export function Announcer({ phase }: { phase?: Phase }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const was = useRef(phase);
  useEffect(() => {
    if (phase === "streaming" && was.current !== "streaming") setText(t("chat.streaming"));
    if (!phase && was.current) setText(t("chat.answered"));
    was.current = phase;
  }, [phase, t]);
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}
