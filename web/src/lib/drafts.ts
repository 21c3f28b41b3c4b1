const prefix = "atrium:draft:";

/** What was typed and not sent, kept per conversation in this browser. */
export function readDraft(id: string): string {
  try {
    return localStorage.getItem(prefix + id) ?? "";
  } catch {
    return "";
  }
}

export function writeDraft(id: string, text: string) {
  try {
    if (text) localStorage.setItem(prefix + id, text);
    else localStorage.removeItem(prefix + id);
  } catch {
    // Storage is full or blocked: the draft lasts as long as the page.
  }
}

/** The text that was typed for a conversation, or for what "new" and a workspace's chat stand for. */
export type Draft = { id: string; text: string };

/** All that was typed and not sent. */
export function readDrafts(): Draft[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => ({ id: key.slice(prefix.length), text: localStorage.getItem(key) ?? "" }));
  } catch {
    return [];
  }
}

/** Drafts are private: they go with the session that wrote them. */
export function clearDrafts() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(prefix)) localStorage.removeItem(key);
    }
  } catch {
    // Nothing was stored then.
  }
}
