// Runs in the editor's own page. Ctrl/⌘+Shift+L opens the platform's chat beside
// the editor, whatever in the editor has the focus: the page around it is told.
// That page alone can have the editor in a frame, and the message tells nothing.
if (window.parent !== window) {
  window.addEventListener(
    'keydown',
    (event) => {
      const { code, shiftKey, altKey, ctrlKey, metaKey } = event;
      if (code !== 'KeyL' || !shiftKey || altKey || ctrlKey === metaKey) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      window.parent.postMessage({ type: 'atrium.chat' }, '*');
    },
    true,
  );
}
