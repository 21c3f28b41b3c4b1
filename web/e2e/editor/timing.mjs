// How long things take in the editor, as its own page sees it. Times are in milliseconds.

/** The editor's own frame, in which scripts can look. */
export function frameOf(page) {
  const frame = page.frames().find((one) => /\.ide\./.test(new URL(one.url()).host));
  if (!frame) throw new Error("the editor's frame is not there");
  return frame;
}

/** Resolves with the time, since 1970, at which ghost text is next in the page. */
export function ghostShown(frame) {
  return frame.evaluate(
    () =>
      new Promise((resolve) => {
        const look = () => {
          if (!document.querySelector(".ghost-text-decoration, .ghost-text")) return;
          observer.disconnect();
          resolve(Date.now());
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
      }),
  );
}

/** Types a text and gives the median of what lies between a key and its letter in the page. */
export async function typingLatency(page, text) {
  const frame = frameOf(page);
  await frame.evaluate(() => {
    const taken = [];
    let pressed = 0;
    const onKey = () => {
      pressed = performance.now();
    };
    const observer = new MutationObserver(() => {
      if (pressed) taken.push(performance.now() - pressed);
      pressed = 0;
    });
    window.addEventListener("keydown", onKey, true);
    const lines = document.querySelector(".editor-instance .view-lines");
    observer.observe(lines, { subtree: true, childList: true, characterData: true });
    window.typingEnds = () => {
      window.removeEventListener("keydown", onKey, true);
      observer.disconnect();
      return taken;
    };
  });
  await page.keyboard.type(text, { delay: 120 });
  const taken = await frame.evaluate(() => window.typingEnds());
  return median(taken);
}

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
