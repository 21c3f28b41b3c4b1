const name = "atrium:search";

/** Opens the search from anywhere on the page. */
export function openSearch() {
  window.dispatchEvent(new Event(name));
}

/** Calls back when the search is asked for: by a button, or by Ctrl+K or ⌘K. */
export function onSearch(listener: () => void) {
  const onKey = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    if (event.shiftKey || event.altKey) return;
    event.preventDefault();
    listener();
  };
  window.addEventListener(name, listener);
  window.addEventListener("keydown", onKey);
  return () => {
    window.removeEventListener(name, listener);
    window.removeEventListener("keydown", onKey);
  };
}
