// Runs in the editor's own page, where that stands in the platform's: the
// keyboard's way from one to the other. Only the platform's page can have the
// editor in a frame, and what it is told tells nothing.
if (window.parent !== window) {
  // Ctrl/⌘+Shift+L opens and closes the chat beside the editor, whatever in the
  // editor has the focus.
  const onKey = (event) => {
    const { code, shiftKey, altKey, ctrlKey, metaKey } = event;
    if (code !== 'KeyL' || !shiftKey || altKey || ctrlKey === metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    window.parent.postMessage({ type: 'atrium.chat' }, '*');
  };
  window.addEventListener('keydown', onKey, true);

  // A browser forgets what had the focus in here once something outside gets it.
  let last;
  window.addEventListener('focusin', ({ target }) => {
    last = target;
  });
  window.addEventListener('focus', ({ target }) => {
    if (target !== window) return;
    const nothing = !document.activeElement || document.activeElement === document.body;
    if (nothing && last?.isConnected) last.focus();
  });
}
