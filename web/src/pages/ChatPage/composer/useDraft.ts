import { useCallback, useEffect, useState } from "react";
import { readDraft, writeDraft } from "@/lib/drafts";

/** The text being typed for a conversation; it survives a reload and a change of page. */
export function useDraft(id: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState({ id, text: readDraft(id) });
  const text = draft.id === id ? draft.text : readDraft(id);
  useEffect(() => {
    setDraft((current) => (current.id === id ? current : { id, text: readDraft(id) }));
  }, [id]);
  const change = useCallback(
    (next: string) => {
      setDraft({ id, text: next });
      writeDraft(id, next);
    },
    [id],
  );
  return [text, change];
}
